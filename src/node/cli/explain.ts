import { statSync } from 'node:fs';
import type { EngineListeners, FlowRow, Report } from '../../core/index.ts';
import { captureName, firstFlowOf, LADDER_FORMATS, LadderRecorder } from '../../core/index.ts';
import { noSuchFinding, noSuchFlow } from '../extract/no-such.ts';
import { thorough } from '../extract/thorough.ts';
import { STDIN } from '../sources/stdin.ts';
import { analysisOptions } from './analysis.ts';
import type { Command } from './command.ts';
import { UsageError } from './errors.ts';
import { CAPTURE_OPTIONS, flowNumber, VERBOSE, wholeNumber } from './options.ts';
import { chooseFormat, formatOption, Session } from './session.ts';

/** What `--width` may be: below, not even a packet's numbers fit; above, nobody could read it. */
const WIDTHS = [30, 1000] as const;

/** Throws `UsageError` for captures that can be read only once. */
function refuseUnlessFiles(captures: readonly string[]): void {
  const once = captures.find((path) => path === STDIN || statSync(path, { throwIfNoEntry: false })?.isFile() === false);
  if (once === undefined) return;
  throw new UsageError(`--finding reads the capture twice, and ${captureName(once)} can be read only once: save it to a file, or use --flow`);
}

/** The first flow of a finding, by its number in the report. */
function flowOfFinding(number: number, report: Report): number {
  const finding = report.findings[number - 1];
  if (finding === undefined) throw new UsageError(noSuchFinding(number, report));
  const flow = firstFlowOf(finding);
  if (flow === null) throw new UsageError(`--finding ${number}: ${finding.rule} is not about one connection; --flow draws any`);
  return flow;
}

/** What draws one flow while the capture is read. */
function recording(flow: number, recorder: LadderRecorder, found: (row: FlowRow) => void): EngineListeners {
  return {
    packetsOf: flow,
    packet: (row) => recorder.packet(row),
    timeline(change, engine) {
      if (engine.flowNumber(change.flow) === flow) recorder.change(engine.timelineRow(change), change.side, change.time < engine.now);
    },
    flow(row) {
      if (row.flow === flow) found(row);
    },
  };
}

export const explain: Command = {
  name: 'explain',
  summary: "draw one connection as a ladder, both ends' states in the margins, and say why each finding about it was raised",
  operand: { name: 'capture', count: 'some', summary: 'capture files, read as one stream; - is standard input' },
  options: {
    flow: { kind: 'text', value: 'ID', summary: 'the connection, a number that flows and findings show', group: 'Selection:' },
    finding: { kind: 'text', value: 'N', summary: 'the first connection of the Nth finding that audit --verbose shows', group: 'Selection:' },
    format: formatOption(LADDER_FORMATS),
    width: { kind: 'text', value: 'N', summary: 'columns to draw in; those of the terminal when left out', group: 'Output:' },
    verbose: { ...VERBOSE, summary: 'of each finding all facts, packets and flows that the report holds' },
    ...CAPTURE_OPTIONS,
  },
  examples: [
    ['synoptic explain --finding 1 server.pcap', 'the gravest finding: what happened, packet by packet'],
    ['synoptic explain --flow 3 -o flow.svg server.pcap', 'a picture'],
  ],
  async run(captures, values) {
    const number = wholeNumber(values, 'finding', 'findings are numbered from 1, in the order of synoptic audit --verbose');
    const given = flowNumber(values);
    const width = wholeNumber(values, 'width', `a number of columns from ${WIDTHS[0]} to ${WIDTHS[1]}`, ...WIDTHS);
    if (number !== undefined && given !== undefined) throw new UsageError('--flow and --finding: give one of them');
    if (number === undefined && given === undefined) throw new UsageError('which connection? Give --flow ID (synoptic flows lists them) or --finding N');
    if (number !== undefined) refuseUnlessFiles(captures);
    const session = new Session(values, false);
    try {
      const format = chooseFormat(LADDER_FORMATS, values, LADDER_FORMATS[0]);
      const options = analysisOptions(values);
      const before = number === undefined ? undefined : await session.analyse(captures, thorough(options), {});
      const flow = given ?? flowOfFinding(number ?? 0, before as Report);
      const recorder = new LadderRecorder(new Set(before?.findings[(number ?? 0) - 1].evidence.packets));
      let row: FlowRow | undefined;
      const listeners = recording(flow, recorder, (each) => {
        row = each;
      });
      const after = await session.analyse(captures, before === undefined ? thorough(options) : { ...options, rules: [] }, listeners);
      const report = before ?? after;
      if (row === undefined) throw new UsageError(noSuchFlow(flow, report));
      for (const piece of format.render(recorder.ladder(row, report), { ...session.renderFor(captures, report), ...(width !== undefined && { width }) })) session.write(piece);
      return session.conclude(report);
    } finally {
      session.discard();
    }
  },
};
