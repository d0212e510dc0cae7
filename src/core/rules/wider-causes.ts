import type { Draft } from './rule.ts';
import { partsOf, textOf } from './words.ts';

/**
 * Names of causes, by which a finding about a whole scan or flood takes the place of those about its parts: `Rule.explains` gives the
 * name, `Rule.explainedBy` the names under which a finding would be a part.
 */
export function scanOfHost(source: string, target: string): string {
  return `scan of ${target} by ${source}`;
}

export function scanOfPort(source: string, port: number): string {
  return `scan of port ${port} by ${source}`;
}

/** A listener whose queue is full: its clients send SYNs and first data again. */
export function overflowOf(endpoint: string): string {
  return `overflow of ${endpoint}`;
}

export function floodOf(endpoint: string): string {
  return `flood of ${endpoint}`;
}

/** A flood of forged RSTs, each of which looks like the answer to a SYN that the host never sent. */
export function resetsTo(host: string): string {
  return `resets to ${host}`;
}

/** The scans that a finding about attempts without success may be part of: all of one host's ports, or of one port. */
export function scansAround({ facts, count }: Draft): string[] {
  const { servers } = facts;
  const ends = (Array.isArray(servers) ? servers.map(String) : [textOf(facts, 'server')]).map(partsOf);
  // A scan tries each port once or twice; more often a program does.
  if (ends.length === 0 || count > 2 * Math.max(ends.length, Number(facts['server_count'] ?? 1))) return [];
  const source = partsOf(textOf(facts, 'example_client')).host;
  const [{ host, port }] = ends;
  return [
    ...(ends.every((end) => end.host === host) ? [scanOfHost(source, host)] : []),
    ...(ends.every((end) => end.port === port) ? [scanOfPort(source, Number(port))] : []),
  ];
}

/** Only segments with SYN, FIN or RST were captured: of numbers and silence in between nothing can be said. */
export const FILTERED_CAPTURE = 'a filtered capture';

/** `explainedBy` of the rules that judge by the other segments. */
export function filteredCapture(): readonly string[] {
  return [FILTERED_CAPTURE];
}
