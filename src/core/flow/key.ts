import type { Segment } from '../wire/segment.ts';

/**
 * The key of a segment's connection: both endpoints, the lower one first, so that both directions have the same key. Refilled for every
 * segment.
 */
export class FlowKey {
  lower0 = 0;
  lower1 = 0;
  lower2 = 0;
  lower3 = 0;
  upper0 = 0;
  upper1 = 0;
  upper2 = 0;
  upper3 = 0;
  /** Lower endpoint's port in the high half, upper endpoint's in the low half. */
  ports = 0;
  /** Well mixed: its low bits index the flow table. */
  hash = 0;
  /** The segment's source is the upper endpoint. */
  sourceIsUpper = false;
  /** Both endpoints are the same. */
  self = false;
  /** 0, or the VLAN and tunnel that separate this connection from another with the same addresses and ports. */
  domain = 0;

  fill(segment: Segment): void {
    const order =
      segment.source3 - segment.destination3 ||
      segment.sourcePort - segment.destinationPort ||
      segment.source2 - segment.destination2 ||
      segment.source1 - segment.destination1 ||
      segment.source0 - segment.destination0;
    this.self = order === 0;
    this.domain = 0;
    this.sourceIsUpper = order > 0;
    if (order > 0) {
      this.lower0 = segment.destination0;
      this.lower1 = segment.destination1;
      this.lower2 = segment.destination2;
      this.lower3 = segment.destination3;
      this.upper0 = segment.source0;
      this.upper1 = segment.source1;
      this.upper2 = segment.source2;
      this.upper3 = segment.source3;
      this.ports = (segment.destinationPort << 16) | segment.sourcePort;
    } else {
      this.lower0 = segment.source0;
      this.lower1 = segment.source1;
      this.lower2 = segment.source2;
      this.lower3 = segment.source3;
      this.upper0 = segment.destination0;
      this.upper1 = segment.destination1;
      this.upper2 = segment.destination2;
      this.upper3 = segment.destination3;
      this.ports = (segment.sourcePort << 16) | segment.destinationPort;
    }
    // Multiply before mixing in the next word: with a plain xor of the two ends, related addresses collide.
    let hash = Math.imul(this.lower3 ^ 0x27d4eb2f, 0x9e3779b1);
    hash = Math.imul((hash ^ (hash >>> 15)) + this.upper3, 0x85ebca77);
    hash = Math.imul((hash ^ (hash >>> 13)) + this.ports, 0xc2b2ae3d);
    if (segment.ipVersion === 6) {
      hash = Math.imul((hash ^ (hash >>> 15)) + this.lower0 + Math.imul(this.lower1, 31), 0x9e3779b1);
      hash = Math.imul((hash ^ (hash >>> 13)) + this.lower2 + Math.imul(this.upper2, 31), 0x85ebca77);
      hash = Math.imul((hash ^ (hash >>> 15)) + this.upper0 + Math.imul(this.upper1, 31), 0xc2b2ae3d);
    }
    hash ^= hash >>> 16;
    hash = Math.imul(hash, 0x7feb352d);
    this.hash = hash ^ (hash >>> 15);
  }

  /** Moves the key into a domain. */
  enter(domain: number): void {
    this.domain = domain;
    this.hash = Math.imul(this.hash ^ domain, 0x9e3779b1) ^ (this.hash >>> 15);
  }
}

/** The domain of a segment: a hash of its VLAN tags and its tunnel, 0 if it has neither. */
export function domainOf(segment: Segment): number {
  if (segment.vlan === 0 && segment.tunnel === 0) return 0;
  return Math.imul(segment.vlan + 1, 0x9e3779b1) ^ Math.imul((segment.tunnelId << 8) ^ segment.tunnel, 0x85ebca77) || 1;
}
