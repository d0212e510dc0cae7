import { REPORT_FORMATS } from '../../core/index.ts';
import { auditLive } from '../live/audit-live.ts';
import { LinkWatch } from '../live/link-watch.ts';
import type { LiveAudit } from '../live/live-audit.ts';
import type { Screen } from '../live/screen/screen.ts';
import { canDraw } from '../live/screen/terminal.ts';
import { listInterfaces } from '../live/sources/interfaces.ts';
import { STDIN } from '../sources/stdin.ts';
import { analysisOptions } from './analysis.ts';
import { type Command, DONE } from './command.ts';
import { UsageError } from './errors.ts';
import { LiveLines } from './live-lines.ts';
import { captureOptions, durationOf, intervalOf, LIVE_OPTIONS } from './live-options.ts';
import { LiveSignals, writeSnapshot } from './live-signals.ts';
import { liveStream } from './live-stream.ts';
import { log } from './log.ts';
import { attachMonitoring, MONITORING_OPTIONS, monitoringOptions } from './monitoring.ts';
import { CAPTURE_OPTIONS, type Values, VERBOSE } from './options.ts';
import { Output } from './output.ts';
import { attachRing, RING_OPTIONS, ringOptions } from './ring.ts';
import { chooseFormat, formatOption, isForTerminal, Session } from './session.ts';

const { output, quiet, 'no-color': noColor, 'fail-on': failOn, rules, skip, set, 'rules-from': rulesFrom, config } = CAPTURE_OPTIONS;

export const live: Command = {
  name: 'live',
  summary: 'audit what passes an interface, as it passes',
  operand: { name: 'interface', count: 'any', summary: 'the interface, or - for a capture on standard input; then a BPF filter' },
  options: { format: formatOption(REPORT_FORMATS, 'a screen on a terminal, and ndjson in a pipe or file'), ...LIVE_OPTIONS, ...RING_OPTIONS, ...MONITORING_OPTIONS, output, verbose: VERBOSE, quiet, 'no-color': noColor, 'fail-on': failOn, rules, skip, set, 'rules-from': rulesFrom, config },
  examples: [
    ['synoptic live eth0', 'until Ctrl-C'],
    ['synoptic live eth0 tcp port 8080', 'with a filter'],
    ["ssh host \"sudo tcpdump -i any -U -s 256 -w - 'tcp and not port 22'\" | synoptic live -", 'another machine'],
    ['synoptic live --duration 60 --format json -o report.json eth0', 'one minute, for a program'],
  ],
  async run([name, ...filter], values, reread = () => values) {
    if (values.flags.has('list')) return list();
    if (name === undefined) throw new UsageError('no interface given: synoptic live <interface> [filter]; --list shows them');
    if (name === STDIN && filter.length > 0) throw new UsageError('a filter works where the capture is made: give it to the tcpdump that writes to this pipe');
    return await audit(name, filter.join(' '), values, reread);
  },
};

async function audit(name: string, filter: string, values: Values, reread: () => Values): Promise<number> {
  const duration = durationOf(values);
  const monitoring = monitoringOptions(values);
  const ring = ringOptions(values);
  const fallback = isForTerminal(values) ? REPORT_FORMATS[0] : REPORT_FORMATS.find((format) => format.name === 'ndjson')!;
  const format = chooseFormat(REPORT_FORMATS, values, fallback);
  // What a plugin says is one line on standard output: some who read it mix standard error in.
  const isPlugin = format.failure !== undefined;
  const isQuiet = isPlugin || values.flags.has('quiet');
  const options = { ...analysisOptions(values), ...captureOptions(values), filter };
  const session = new Session(values, true);
  let run: LiveAudit | null = null;
  const signals = new LiveSignals(values.texts.get('snapshot'), () => reload(values, reread(), run));
  let timer: NodeJS.Timeout | undefined;
  try {
    run = await auditLive(name, options);
    signals.attach(run);
    const screen = await screenFor(run, values);
    if (screen !== null) signals.tellOn((text, isGood) => screen.say(text, isGood));
    const lines = new LiveLines(screen !== null);
    const note = isQuiet ? () => undefined : lines.tell;
    run.attach(new LinkWatch(name, (text, isUp) => (screen === null ? note(text) : screen.say(text, isUp))));
    run.attach(screen ?? liveStream(session, format, !values.flags.has('no-flows')));
    if (ring !== null) attachRing(run, ring, note);
    const url = monitoring === null ? null : await attachMonitoring(run, monitoring, isPlugin ? () => undefined : lines.tell);
    run.attach(lines);
    if (screen === null) {
      if (url !== null) note(`metrics at ${url}/metrics`);
      note(`${name === STDIN ? 'reading standard input' : `listening on ${name} with ${run.source}`}; Ctrl-C ends`);
    }
    (await log())?.info({ interface: name, source: run.source, filter, clock: run.clock }, 'listening');
    if (duration !== undefined) timer = setTimeout((audit) => audit.stop(), duration * 1000, run);
    const report = await run.run();
    (await log())?.info({ packets: report.capture.packets.read, flows: report.totals.flows, drops: run.counters().drops }, 'analysed');
    for (const piece of format.render(report, session.render)) session.write(piece);
    const status = session.conclude(report, isPlugin);
    return format.exitStatus?.(report) ?? status;
  } finally {
    clearTimeout(timer);
    signals.release();
    session.discard();
  }
}

/** The screen, where a person looks at what is written and asks for no format; else null. */
async function screenFor(run: LiveAudit, values: Values): Promise<Screen | null> {
  if (!canDraw() || values.texts.has('format') || values.texts.has('output')) return null;
  const screen = await import('../live/screen/screen.ts');
  return new screen.Screen(run, {
    colour: !values.flags.has('no-color') && !process.env['NO_COLOR'],
    // As Ctrl-C does elsewhere: the first ends the capture, the second the program.
    quit: () => void process.kill(process.pid, 'SIGINT'),
    snapshot: () => writeSnapshot(run.snapshot(), values.texts.get('snapshot')),
  });
}

/** What of a configuration may change while an audit runs: whatever does not change what was analysed already. */
const RELOADED = ['fail-on', 'interval', 'verbose'];

/** Takes over what may change; gives what to say, of what may not too. Throws `UsageError`. */
function reload(values: Values, next: Values, run: LiveAudit | null): string {
  const interval = intervalOf(next);
  const names = new Set([...values.texts.keys(), ...next.texts.keys(), ...values.lists.keys(), ...next.lists.keys(), ...values.flags, ...next.flags]);
  const kept = [...names].filter((name) => !RELOADED.includes(name) && described(values, name) !== described(next, name));
  for (const name of RELOADED) {
    const text = next.texts.get(name);
    if (text === undefined) values.texts.delete(name);
    else values.texts.set(name, text);
    if (next.flags.has(name)) values.flags.add(name);
    else values.flags.delete(name);
  }
  run?.setInterval(interval);
  return `read the configuration again${kept.length === 0 ? '' : `; when synoptic is started again: ${kept.join(', ')}`}`;
}

function described({ flags, texts, lists }: Values, name: string): string {
  return JSON.stringify([flags.has(name), texts.get(name), lists.get(name)]);
}

function list(): number {
  const to = Output.open();
  for (const { name, state, addresses } of listInterfaces()) to.write(`${[name.padEnd(16), state.padEnd(8), ...addresses].join(' ').trimEnd()}\n`);
  to.finish();
  return DONE;
}
