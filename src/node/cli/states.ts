import type { Instant, Report } from '../../core/index.ts';
import { duration, SOCKET_CHANGE_FORMATS, STATE_FORMATS } from '../../core/index.ts';
import { stateOptions } from './analysis.ts';
import type { Command } from './command.ts';
import { UsageError } from './errors.ts';
import { parseHost, parseInstant } from './instant.ts';
import { CAPTURE_OPTIONS, type Values, wholeNumber } from './options.ts';
import { writeError } from './output.ts';
import { chooseFormat, formatOption, Session } from './session.ts';
import { changesBetween } from './socket-changes.ts';
import { SocketNames } from './socket-names.ts';
import { parseStates } from './socket-states.ts';
import type { SocketFilter } from './sockets.ts';
import { Sockets } from './sockets.ts';

function filterOf(values: Values): SocketFilter {
  const { texts, lists } = values;
  const host = texts.get('host');
  const states = lists.get('state');
  return {
    host: host === undefined ? undefined : parseHost(host),
    port: wholeNumber(values, 'port', 'a port is a number up to 65535', 0, 65_535),
    states: states === undefined ? undefined : parseStates(states),
  };
}

/** The instants asked for: one, or the two of `--diff`. */
function instantsOf({ texts, lists }: Values): readonly [Instant] | readonly [Instant, Instant] {
  const at = texts.get('at');
  const diff = lists.get('diff');
  if (diff === undefined) return [at === undefined ? { kind: 'end' } : parseInstant(at, '--at')];
  if (at !== undefined) throw new UsageError('--at and --diff: give one of them');
  return [parseInstant(diff[0], '--diff'), parseInstant(diff[1], '--diff')];
}

export const states: Command = {
  name: 'states',
  summary: 'list every socket at one instant, shaped like ss -tan, or what changed between two',
  operand: { name: 'capture', count: 'some', summary: 'capture files, read as one stream; - is standard input' },
  options: {
    at: {
      kind: 'text',
      value: 'TIME',
      summary: '+12.5s or +1h30m after the first packet, an ISO time (UTC), seconds since the epoch, or end; the end of the capture when left out',
      group: 'Selection:',
    },
    diff: { kind: 'pair', value: 'T1 T2', summary: 'what appeared, went or changed its state between two instants', group: 'Selection:' },
    host: { kind: 'text', value: 'IP', summary: 'only the sockets of this host', group: 'Selection:' },
    port: { kind: 'text', value: 'N', summary: 'only sockets with this port, their own or their peer\'s', group: 'Selection:' },
    state: { kind: 'list', value: 'STATES', summary: 'only sockets in these states (comma-separated, as here or as ss spells them)', group: 'Selection:' },
    format: formatOption(STATE_FORMATS),
    ...CAPTURE_OPTIONS,
  },
  examples: [
    ['synoptic states --at +60s --host 10.0.0.5 server.pcap', 'what ss -tan would have shown on 10.0.0.5 one minute in'],
    ['synoptic states --diff +60s end --state close-wait server.pcap', 'CLOSE_WAIT that came or went since'],
  ],
  async run(captures, values) {
    const instants = instantsOf(values);
    const filter = filterOf(values);
    const names = new SocketNames();
    const sockets = instants.map((at) => new Sockets(at, names));
    const session = new Session(values, false);
    try {
      const report = await session.analyse(captures, stateOptions(values), {
        instants,
        instant: (index, engine) => sockets[index].takeQueues(engine),
        timeline(change, engine) {
          for (const each of sockets) each.add(change, engine);
        },
      });
      if (!values.flags.has('quiet')) tellOfInstantsOutside(sockets, report);
      for (const text of textOf(sockets, report, filter, session, values)) session.write(text);
      return session.conclude(report);
    } finally {
      session.discard();
    }
  },
};

/** Nobody should take what a capture ended with for what it shows of a later time, nor wonder that there is nothing before it. */
function tellOfInstantsOutside(sockets: readonly Sockets[], { capture: { start_ns, end_ns, packets } }: Report): void {
  // Without a TCP packet no instant is known to lie anywhere.
  if (packets.analysed === 0) return;
  const times = sockets.map((each) => each.time(end_ns));
  const early = Math.max(...times.map((time) => Number(start_ns - time))) / 1e9;
  if (early > 0) writeError(`synoptic: the time asked for is ${duration(early)} before the first packet, and shows nothing; +60s is 60 s after it\n`);
  const late = Math.max(...times.map((time) => Number(time - end_ns))) / 1e9;
  if (late > 0) writeError(`synoptic: the time asked for is ${duration(late)} after the last packet; the states are those that the capture ended with\n`);
}

function* textOf([first, second]: readonly Sockets[], { capture }: Report, filter: SocketFilter, { render }: Session, values: Values): Generator<string> {
  const end = capture.end_ns;
  if (second === undefined) {
    const rows = chooseFormat(STATE_FORMATS, values, STATE_FORMATS[0]).open(render);
    for (const row of first.rows(end, filter)) yield rows.write(row);
    yield rows.end();
    return;
  }
  if (first.time(end) > second.time(end)) throw new UsageError('--diff: the second time is before the first');
  const rows = chooseFormat(SOCKET_CHANGE_FORMATS, values, SOCKET_CHANGE_FORMATS[0]).open(render);
  for (const row of changesBetween(first, second, filter)) yield rows.write(row);
  yield rows.end();
}
