import { AUTHENTICATION } from '../wire/ipv6.ts';
import { TCP_HEADER } from '../wire/tcp.ts';
import type { AddressMap, MacMap } from './address-map.ts';
import { fieldOf, judge, judgeIpv4, type Judgement, restore, restoreIpv4, Verdict, withoutChecksum } from './checksums.ts';
import { wipeExtensions } from './extensions.ts';
import type { FrameWalk } from './frame-walk.ts';
import type { CheckedLayer, IpLayer, Layer } from './layers.ts';
import type { StreamMask } from './stream-mask.ts';
import { wipeTunnelHeader } from './tunnel-headers.ts';

const SYN = 0x02;
const MAC_LENGTH = 6;
const COOKED_ADDRESS = 8;
/** Up to this many zeros may be padding that a device counts as payload, which rules recognise: they stay. */
const MOST_PADDING = 6;

/* Options of TCP and IPv4 without a length field (IANA registries). */
const END = 0;
const NO_OPERATION = 1;
/* TCP options that stay whole: MSS, window scale, SACK, timestamps. Experiments keep the number that identifies them. */
const TELLING_NOBODY: ReadonlySet<number> = new Set([2, 3, 4, 5, 8]);
const EXPERIMENTS: ReadonlySet<number> = new Set([253, 254]);

/** The keyed replacements of one run. */
export interface Replacements {
  addresses: AddressMap;
  macs: MacMap;
  stream: StreamMask;
}

/** What the checksums of a frame said before it was overwritten. */
export interface KeptChecksums {
  readonly layers: readonly Layer[];
  readonly judgements: readonly Judgement[];
}

/**
 * Overwrites everything that identifies somebody in the frame walked last, in place: addresses, payload, unknown options, padding.
 * Checksums are wrong until `restoreChecksums`.
 */
export function overwrite(walk: FrameWalk, replacements: Replacements): KeptChecksums {
  const layers = [...walk.layers];
  const judgements = layers.map(judgementOf);
  const { tcp } = walk;
  if (tcp !== null) overwriteTcp(tcp, replacements.stream);
  for (const rest of walk.rests) rest.bytes.fill(0, rest.at, Math.max(rest.at, rest.end));
  for (const layer of layers) overwriteHeader(layer, replacements);
  return { layers, judgements };
}

/** Makes the checksums in `bytes` say again what they said before. */
export function restoreChecksums({ layers, judgements }: KeptChecksums, bytes: Uint8Array, { stream }: Replacements): void {
  // From the inside out: an outer checksum covers the inner ones.
  for (let index = layers.length - 1; index >= 0; index--) {
    const layer = layers[index];
    if (layer.bytes === bytes) restoreChecksum(layer, judgements[index], stream);
  }
}

function judgementOf(layer: Layer): Judgement {
  switch (layer.kind) {
    case 'ip':
      return layer.version === 4 && layer.headerEnd <= layer.bytes.length ? judgeIpv4(layer) : withoutChecksum();
    case 'tcp':
    case 'udp':
    case 'icmp':
    case 'gre':
      return judge(layer);
    default:
      return withoutChecksum();
  }
}

function restoreChecksum(layer: Layer, judgement: Judgement, stream: StreamMask): void {
  switch (layer.kind) {
    case 'ip':
      if (layer.version === 4) restoreIpv4(layer, judgement, stream.errorFactor);
      break;
    case 'tcp':
    case 'udp':
    case 'icmp':
    case 'gre':
      if (judgement.verdict === Verdict.UNKNOWN) hideChecksum(layer, stream);
      else restore(layer, judgement, stream.errorFactor);
      break;
    default:
      break;
  }
}

/** A checksum that nobody can verify. Copies of one segment must stay alike, and others different. */
function hideChecksum(layer: CheckedLayer, stream: StreamMask): void {
  const { view, end, at, kind } = layer;
  const field = fieldOf(layer);
  if (field + 2 > end) return;
  view.setUint16(field, kind === 'tcp' ? view.getUint16(field) ^ stream.checksumPad(view.getInt32(at + 4)) : 0);
}

function overwriteTcp({ bytes, view, at, end, limit, ip }: CheckedLayer, stream: StreamMask): void {
  if (ip.version === 4) stream.turnTo(ip.bytes, ip.at + 12, 4, bytes, at);
  else stream.turnTo(ip.bytes, ip.at + 8, 16, bytes, at);
  // An ICMP error may quote less than a TCP header.
  if (at + 14 > end) return;
  const stated = at + (bytes[at + 12] >>> 4) * 4;
  // If the length of the header is impossible, everything behind the fixed part is payload.
  const payload = stated < at + TCP_HEADER || stated > limit ? at + TCP_HEADER : stated;
  const seq = view.getInt32(at + 4) + ((bytes[at + 13] & SYN) === 0 ? 0 : 1);
  if (at + TCP_HEADER <= end) wipeOptions(bytes, at + TCP_HEADER, Math.min(payload, end), keptOfTcpOption);
  if (isPadding(bytes, payload, end)) return;
  stream.overwrite(bytes, payload, end, seq);
}

function isPadding(bytes: Uint8Array, from: number, end: number): boolean {
  if (end - from > MOST_PADDING) return false;
  for (let at = from; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}

/** How many bytes of an option stay. Of options that may identify somebody (cookies, signatures, other addresses), kind and length do. */
function keptOfTcpOption(kind: number): number {
  if (TELLING_NOBODY.has(kind)) return Infinity;
  return EXPERIMENTS.has(kind) ? 4 : 2;
}

/** Kind, length and pointer stay, so that an unfinished source route can still be recognised. */
function keptOfIpv4Option(): number {
  return 3;
}

/**
 * Overwrites the options of a TCP or IPv4 header with zeros; both have the same form (RFC 9293 §3.1, RFC 791 §3.1). Of each option the
 * first `kept(kind)` bytes stay; behind the end of the list, nothing does.
 */
function wipeOptions(bytes: Uint8Array, from: number, end: number, kept: (kind: number) => number): void {
  for (let at = from; at < end; ) {
    const kind = bytes[at];
    if (kind === NO_OPERATION) {
      at += 1;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (kind === END || at + 1 >= end || length < 2) {
      bytes.fill(0, Math.min(end, kind === END ? at : at + 2), end);
      return;
    }
    bytes.fill(0, Math.min(end, at + kept(kind)), Math.min(end, at + length));
    at += length;
  }
}

function overwriteHeader(layer: Layer, { addresses, macs }: Replacements): void {
  const { bytes, view, at } = layer;
  switch (layer.kind) {
    case 'macs':
      for (let index = 0; index < layer.count; index++) macs.replace(bytes, at + index * MAC_LENGTH);
      break;
    case 'cooked':
      if (layer.length === MAC_LENGTH) macs.replace(bytes, at);
      bytes.fill(0, layer.length === MAC_LENGTH ? at + MAC_LENGTH : at, at + COOKED_ADDRESS);
      break;
    case 'ip':
      overwriteIp(layer, addresses);
      break;
    case 'authentication':
      wipeExtensions(bytes, view, at, layer.end, AUTHENTICATION);
      break;
    case 'tunnel':
      wipeTunnelHeader(bytes, at, layer.end, layer.code);
      break;
    default:
      break;
  }
}

function overwriteIp({ bytes, view, version, at, headerEnd }: IpLayer, addresses: AddressMap): void {
  if (version === 4) {
    addresses.replace(bytes, at + 12, 4);
    addresses.replace(bytes, at + 16, 4);
    wipeOptions(bytes, at + 20, Math.min(headerEnd, bytes.length), keptOfIpv4Option);
    return;
  }
  addresses.replace(bytes, at + 8, 16);
  addresses.replace(bytes, at + 24, 16);
  wipeExtensions(bytes, view, at + 40, headerEnd, bytes[at + 6]);
}
