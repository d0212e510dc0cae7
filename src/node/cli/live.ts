import { REPORT_FORMATS, type Report, type ReportFormat, prettyJson } from '../../core/index.ts';
import { LiveAudit, type Onlooker } from '../live/live-audit.ts';
import { canDraw } from '../live/screen/terminal.ts';
import { listInterfaces } from '../live/sources/interfaces.ts';
import { openLiveSource, SOURCE_CHOICES, type SourceChoice } from '../live/sources/open.ts';
import { beginInput, endInput } from '../sources/interrupt.ts';
import { analysisOptions } from './analysis.ts';
import { type Command, DONE } from './command.ts';
import { UsageError } from './errors.ts';
import { attachMonitoring, MONITORING_OPTIONS, monitoringOptions } from './monitoring.ts';
import { CAPTURE_OPTIONS, type Values } from './options.ts';
import { Output } from './output.ts';
import { chooseFormat, formatOption, Session } from './session.ts';
import { isTerminal } from './terminal.ts';

const { output, verbose, quiet, 'no-color': noColor, 'fail-on': failOn, rules, skip, set, config } = CAPTURE_OPTIONS;

/** Headers and options of what comes in a tunnel or two. */
const DEFAULT_SNAPLEN = 256;
const DEFAULT_BUFFER_KIB = 16_384;
const DEFAULT_INTERVAL_SECONDS = 10;

const LIVE_OPTIONS = {
  source: { kind: 'text', value: 'NAME', summary: 'who captures', choices: SOURCE_CHOICES, group: 'Capture:' },
  list: { kind: 'flag', summary: 'list the interfaces', group: 'Capture:' },
  snaplen: { kind: 'text', value: 'BYTES', summary: `kept of each packet (${DEFAULT_SNAPLEN})`, group: 'Capture:' },
  buffer: { kind: 'text', value: 'KIB', summary: `the kernel's buffer (${DEFAULT_BUFFER_KIB})`, group: 'Capture:' },
  duration: { kind: 'text', value: 'SECONDS', summary: 'stop after so long', group: 'Capture:' },
  count: { kind: 'text', value: 'PACKETS', summary: 'stop after so many', group: 'Capture:' },
  interval: { kind: 'text', value: 'SECONDS', summary: `from one summary to the next (${DEFAULT_INTERVAL_SECONDS}; 0: none)`, group: 'Output:' },
  snapshot: { kind: 'text', value: 'FILE', summary: 'where SIGUSR1 writes the report as it stands (synoptic-snapshot-TIME.json)', group: 'Output:' },
} as const;

export const live: Command = {
  name: 'live',
  summary: 'audit what passes an interface, as it passes',
  operand: { name: 'interface', count: 'any', summary: 'the interface, or - for a capture on standard input; then a BPF filter' },
  options: { format: formatOption(REPORT_FORMATS), ...LIVE_OPTIONS, ...MONITORING_OPTIONS, output, verbose, quiet, 'no-color': noColor, 'fail-on': failOn, rules, skip, set, config },
  examples: [
    ['synoptic live eth0', 'until Ctrl-C'],
    ['synoptic live eth0 tcp port 8080', 'with a filter'],
    ["ssh host \"sudo tcpdump -i any -U -s 256 -w - 'tcp and not port 22'\" | synoptic live -", 'another machine'],
    ['synoptic live --duration 60 --format json -o report.json eth0', 'one minute, for a program'],
  ],
  async run([name, ...filter], values) {
    if (values.flags.has('list')) return list();
    if (name === undefined) throw new UsageError('no interface given: synoptic live <interface> [filter]; --list shows them');
    return await audit(name, filter.join(' '), values);
  },
};

async function audit(name: string, filter: string, values: Values): Promise<number> {
  if (name === '-' && filter !== '') throw new UsageError('a filter works where the capture is made: give it to the tcpdump that writes to this pipe');
  const duration = numberOf(values, 'duration', 0);
  const fallback = isTerminal(1) ? REPORT_FORMATS[0] : REPORT_FORMATS.find((format) => format.name === 'ndjson')!;
  const format = chooseFormat(REPORT_FORMATS, values, fallback);
  const monitoring = monitoringOptions(values);
  const session = new Session(values, true);
  const source = await openLiveSource((values.texts.get('source') ?? 'auto') as SourceChoice, {
    interface: name,
    filter,
    snaplen: numberOf(values, 'snaplen', DEFAULT_SNAPLEN),
    buffer: numberOf(values, 'buffer', DEFAULT_BUFFER_KIB),
    count: values.texts.has('count') ? numberOf(values, 'count', 1) : null,
  });
  const run = new LiveAudit(source, {
    ...analysisOptions(values),
    interface: name,
    filter,
    interval: numberOf(values, 'interval', DEFAULT_INTERVAL_SECONDS),
  });
  run.attach((await screen(run, values)) ?? stream(session, format));
  // ring: --ring, --ring-on
  if (monitoring !== null) await attachMonitoring(run, monitoring, values.flags.has('quiet'));
  const ending = new Ending(run, values.texts.get('snapshot'));
  const timer = duration > 0 ? setTimeout(() => run.stop(), duration * 1000) : undefined;
  try {
    const report = await run.run();
    for (const piece of format.render(report, session.render)) session.write(piece);
    const status = session.conclude(report);
    return format.exitStatus?.(report) ?? status;
  } finally {
    clearTimeout(timer);
    ending.release();
    session.discard();
  }
}

/** The screen, where a person looks at what is written and asks for no format; else null. */
async function screen(run: LiveAudit, values: Values): Promise<Onlooker | null> {
  if (!canDraw() || values.texts.has('format') || values.texts.has('output')) return null;
  const { Screen } = await import('../live/screen/screen.ts');
  return new Screen(run, {
    colour: !values.flags.has('no-color') && !process.env['NO_COLOR'],
    // As Ctrl-C does elsewhere: the first ends the capture, the second the program.
    quit: () => void process.kill(process.pid, 'SIGINT'),
    snapshot: () => writeSnapshot(run.report(), values.texts.get('snapshot')),
  });
}

/** Writes findings, flows and summaries as they come, in a format that has events. */
function stream(session: Session, format: ReportFormat): Onlooker {
  const { events } = format;
  if (events === undefined) return {};
  return {
    finding(finding) {
      session.write(events.finding(finding));
      session.flush();
    },
    flow(row) {
      session.write(events.flow(row));
    },
    interval(report) {
      for (const piece of format.render(report, session.render)) session.write(piece);
      session.flush();
    },
  };
}

/** Signals during a live audit: the first SIGINT or SIGTERM ends the capture, the second the program; SIGUSR1 writes a snapshot. */
class Ending {
  readonly #run: LiveAudit;
  readonly #path: string | undefined;
  readonly #stop = (): void => this.#run.stop();
  readonly #kill = (): void => this.#run.kill();
  readonly #snapshot = (): void => void writeSnapshot(this.#run.report(), this.#path);

  constructor(run: LiveAudit, path: string | undefined) {
    this.#run = run;
    this.#path = path;
    beginInput(['SIGINT', 'SIGTERM']);
    process.on('SIGINT', this.#stop).on('SIGTERM', this.#stop).on('SIGUSR1', this.#snapshot).on('exit', this.#kill);
  }

  release(): void {
    process.off('SIGINT', this.#stop).off('SIGTERM', this.#stop).off('SIGUSR1', this.#snapshot).off('exit', this.#kill);
    endInput();
  }
}

/** Writes the report. Gives the name of the file. */
function writeSnapshot(report: Report, path = `synoptic-snapshot-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`): string {
  const output = Output.open(path);
  try {
    output.write(`${prettyJson(report)}\n`);
    output.finish();
    return path;
  } finally {
    output.discard();
  }
}

function list(): number {
  const to = Output.open();
  for (const { name, state, addresses } of listInterfaces()) to.write(`${[name.padEnd(16), state.padEnd(8), ...addresses].join(' ').trimEnd()}\n`);
  to.finish();
  return DONE;
}

function numberOf(values: Values, name: string, fallback: number): number {
  const text = values.texts.get(name);
  if (text === undefined) return fallback;
  const number = Number(text);
  if (!Number.isFinite(number) || number < 0) throw new UsageError(`--${name} ${text}: not a number`);
  return number;
}
