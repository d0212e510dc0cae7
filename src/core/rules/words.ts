import { endpointParts } from '../endpoint-parts.ts';
import { count } from '../quantity.ts';
import type { Fact, Subject } from '../report/report.ts';

export { count, plural } from '../quantity.ts';

/** Facts as words: small helpers for the rules' explanations. */
type Facts = { readonly [name: string]: Fact };

/** A numeric fact; 0 when absent. */
export function numberOf(facts: Facts, name: string): number {
  const value = facts[name];
  return typeof value === 'number' ? value : 0;
}

/** A fact as text; empty when absent. */
export function textOf(facts: Facts, name: string): string {
  const value = facts[name];
  return value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A numeric fact as sentences have it: "12,345". */
export function countOf(facts: Facts, name: string): string {
  return count(numberOf(facts, name));
}

/** Seconds for reading: "0.8 ms", "4.2 s", "13 min", "5.1 h", "3 days". */
export function duration(seconds: number): string {
  if (seconds < 0.0995) return `${round(seconds * 1000)} ms`;
  if (seconds < 99.5) return `${round(seconds)} s`;
  if (seconds < 5_970) return `${round(seconds / 60)} min`;
  return seconds < 172_800 ? `${round(seconds / 3600)} h` : `${round(seconds / 86_400)} days`;
}

/** Two significant digits, or whole from 10 on. */
function round(value: number): string {
  return value >= 9.95 || value === 0 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}

/** Nanoseconds as seconds with microseconds, for facts. */
export function seconds(nanoseconds: number): number {
  return Math.round(nanoseconds / 1000) / 1e6;
}

/** "10 %", "0.4 %". */
export function percent(share: number): string {
  return `${round(share * 100)} %`;
}

/** The endpoint, host or server that a subject names. */
export function nameOf(subject: Subject): string {
  switch (subject.kind) {
    case 'flow':
      return `${subject.client} > ${subject.server}`;
    case 'endpoint':
      return subject.endpoint;
    case 'host':
      return subject.host;
    default:
      return 'the capture';
  }
}

/** Address and port of "192.0.2.1:443" or "[2001:db8::1]:443"; of the first in "192.0.2.1:443 and 9 other endpoints". */
export function partsOf(text: string): { host: string; port: string } {
  return endpointParts(text.split(' ')[0]);
}

/** The end that a group's occurrences are about, by its fact: "the client", "the server", or "either end". */
export function endOf(facts: Facts): string {
  const end = textOf(facts, 'by');
  return end === 'both' ? 'either end' : `the ${end}`;
}

/** A word with a capital, at the beginning of a sentence. */
export function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The address of that end in the example connection; the server's where it may be either. */
export function hostOf(facts: Facts): string {
  return partsOf(textOf(facts, textOf(facts, 'by') === 'client' ? 'example_client' : 'server')).host;
}

/** An address as ss takes it. */
export function ssAddress(host: string): string {
  return isIpv6(host) ? `[${host}]` : host;
}

/** What nft matches a sender by. */
export function sourceMatch(host: string): string {
  return `${isIpv6(host) ? 'ip6' : 'ip'} saddr ${host}`;
}

/** The flags of the segments of a host, for tcpdump, whose `tcp[…]` reads IPv4 only: of IPv6 the byte behind a header without extensions. */
export function flagsByte(host: string): string {
  return isIpv6(host) ? 'ip6[53]' : 'tcp[13]';
}

export function isIpv6(host: string): boolean {
  return host.includes(':');
}

/** A tcpdump filter for an endpoint, quoted for a shell. `extra` is left out for IPv6, where tcpdump cannot index TCP's header. */
export function filterOf(endpoint: string, extra = ''): string {
  const { host, port } = partsOf(endpoint);
  return `'host ${host} and tcp port ${port}${isIpv6(host) ? '' : extra}'`;
}

/** A display filter for one connection of a finding. */
export function streamOf(client: string, server: string): string {
  const one = partsOf(client);
  const other = partsOf(server);
  const ip = isIpv6(one.host) ? 'ipv6' : 'ip';
  return `${ip}.addr == ${one.host} && tcp.port == ${one.port} && ${ip}.addr == ${other.host} && tcp.port == ${other.port}`;
}
