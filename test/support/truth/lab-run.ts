import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StateName } from '../../../src/core/index.ts';
import { CaptureClock, CaptureReader, PacketCounter } from '../../../src/core/index.ts';
import { formatEndpoint, parseEndpoint } from '../../../src/core/wire/address.ts';
import { Decoder } from '../../../src/core/wire/decode.ts';
import { Decoded, Segment } from '../../../src/core/wire/segment.ts';
import type { SocketHistory, Truth, Unknowable } from './truth.ts';
import { captureIn } from './truth.ts';

/**
 * Reads a run of the laboratory: two or three network namespaces, their kernels' socket tables looked at every 50 ms or so
 * (`snapshots.ndjson`), and what is known of the run (`labels.json`). Its times are whole 64-bit nanoseconds.
 */
export function readLabRun(folder: string): Truth {
  const labels = parse(readFileSync(join(folder, 'labels.json'), 'utf8')) as Labels;
  const epoch = BigInt(labels.t_start_ns);
  const since = (time: string | number): number => Number(BigInt(time) - epoch);
  const { c = '', s = '' } = labels.addresses;
  return {
    title: labels.title,
    epoch_ns: String(epoch),
    // A wire made of a process between the ends has a jitter of its own.
    grace_ms: 2 + labels.path_delay_ms + (labels.mode === 'wire' ? 3 : 0),
    hosts: labels.mode === 'solo' ? { [c]: 's', [s]: 's' } : { [c]: 'c', [s]: 's' },
    aliases: labels.aliases.map(({ inside, outside }) => [inside, outside] as const),
    unknowable: labels.unknowable.map((rule) => unknowable(rule, since)),
    first: firstPackets(captureIn(folder) ?? '', epoch),
    ...samples(readFileSync(join(folder, 'snapshots.ndjson'), 'utf8'), since),
  };
}

/** What the laboratory says that the traffic shows: [class, endpoint] of each. */
export function readLabels(folder: string): Pick<Labels, 'title' | 'expected' | 'must_not_flag'> {
  return parse(readFileSync(join(folder, 'labels.json'), 'utf8')) as Labels;
}

interface Labels {
  title: string;
  mode: string;
  t_start_ns: string;
  addresses: { [name: string]: string };
  path_delay_ms: number;
  aliases: { inside: string; outside: string }[];
  unknowable: { netns?: string; local?: string; remote?: string; states?: string[]; after_ns?: string; why: string }[];
  expected: { class: string; endpoint?: string; severity?: string }[];
  must_not_flag: { class: string; endpoint?: string; why?: string }[];
}

interface Snapshot {
  t_ns: string;
  t_end_ns: string;
  netns: string;
  same?: boolean;
  sockets?: { state: string; local: string; remote: string }[];
}

/** JSON whose integers of 16 digits and more are read as text: a number would round them. */
function parse(json: string): unknown {
  return JSON.parse(json.replaceAll(/("[a-z_]+":\s*)(\d{16,})/g, '$1"$2"'));
}

function stateName(state: string): StateName {
  return (state === 'SYN_RCVD' ? 'SYN_RECEIVED' : state) as StateName;
}

function unknowable(rule: Labels['unknowable'][number], since: (time: string) => number): Unknowable {
  const { netns, local, remote, states, after_ns: after, why } = rule;
  return {
    ...(netns !== undefined && { host: netns }),
    ...(local !== undefined && { local }),
    ...(remote !== undefined && { remote }),
    ...(states !== undefined && { states: states.map(stateName) }),
    ...(after !== undefined && { after: since(after) }),
    why,
  };
}

/** The socket tables, with the samples in which a socket stays in one state put together. */
function samples(ndjson: string, since: (time: string) => number): Pick<Truth, 'samples' | 'sockets'> {
  const times: { [host: string]: [number, number][] } = {};
  const runs: { [host: string]: Map<string, [StateName, number, number][]> } = {};
  const last: { [host: string]: NonNullable<Snapshot['sockets']> } = {};
  for (const line of ndjson.split('\n')) {
    if (line === '') continue;
    const { t_ns: begin, t_end_ns: end, netns: host, same, sockets } = parse(line) as Snapshot;
    const looks = (times[host] ??= []);
    const index = looks.length;
    looks.push([since(begin), since(end) - since(begin)]);
    const table = (last[host] = same === true ? (last[host] ?? []) : (sockets ?? []));
    const histories = (runs[host] ??= new Map());
    for (const { state, local, remote } of table) {
      if (state !== 'LISTEN') extend(histories, `${canonical(local)} ${canonical(remote)}`, stateName(state), index);
    }
  }
  const histories = Object.entries(runs).map(([host, ends]): [string, SocketHistory[]] => [
    host,
    [...ends].map(([key, history]): SocketHistory => [...(key.split(' ') as [string, string]), ...history]),
  ]);
  return { samples: times, sockets: Object.fromEntries(histories) };
}

function extend(histories: Map<string, [StateName, number, number][]>, key: string, state: StateName, index: number): void {
  let history = histories.get(key);
  if (history === undefined) histories.set(key, (history = []));
  // Two sockets of one pair of endpoints, one in TIME_WAIT and one new, may stand in the table at once.
  const run = history.find(([name, , to]) => name === state && to === index - 1);
  if (run === undefined) history.push([state, index, index]);
  else run[2] = index;
}

function canonical(endpoint: string): string {
  const parsed = parseEndpoint(endpoint);
  return parsed === null ? endpoint : formatEndpoint(...parsed.address, parsed.port);
}

function firstPackets(capture: string, epoch: bigint): Truth['first'] {
  const clock = new CaptureClock();
  const decoder = new Decoder();
  const segment = new Segment();
  const first = new Map<string, readonly [string, string, number]>();
  const reader = new CaptureReader(
    clock,
    new PacketCounter(),
    (record) => {
      if (decoder.decode(record, segment) !== Decoded.SEGMENT) return;
      const source = formatEndpoint(segment.source0, segment.source1, segment.source2, segment.source3, segment.sourcePort);
      const to = formatEndpoint(segment.destination0, segment.destination1, segment.destination2, segment.destination3, segment.destinationPort);
      if (!first.has(`${source} ${to}`) && !first.has(`${to} ${source}`)) {
        first.set(`${source} ${to}`, [source, to, Number(clock.toEpoch(segment.time) - epoch)]);
      }
    },
    { reorderNanoseconds: 0 },
  );
  reader.push(readFileSync(capture));
  reader.finish(null);
  return [...first.values()];
}
