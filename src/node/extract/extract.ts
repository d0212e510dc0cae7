import type { AuditOptions, BytesSink, EngineListeners, Report } from '../../core/index.ts';
import { InputError } from '../sources/input-error.ts';
import type { Anonymising } from './anonymising.ts';
import { evidenceComments, type NumberedFinding, sectionComment } from './comments.ts';
import { FrameSet } from './frame-set.ts';
import { noSuchFinding, noSuchFlow } from './no-such.ts';
import { largestOf, listHas, type NumberList } from './number-list.ts';
import { FlowSelection } from './selection.ts';
import { writeSlice } from './slice.ts';
import { thorough } from './thorough.ts';

export interface ExtractRequest {
  /** Numbers of flows, and of findings in the order of the report. If both are empty, all TCP packets are taken. */
  flows: NumberList;
  findings: NumberList;
  /** Null: frames stay as captured. */
  anonymising: Anonymising | null;
  /** Where the packets come from, for the comment at the head; left out if anonymised. */
  source: string;
}

export interface Extracted {
  /** The report on the whole capture. */
  report: Report;
  packets: number;
  flows: number;
  /** Packets that could not be anonymised. */
  leftOut: number;
}

/** Analyses the captures. How they are read is up to the caller; it is called once or twice. */
export type Analyse = (options: AuditOptions, listeners: EngineListeners) => Promise<Report>;

/**
 * Writes the packets of connections as pcapng, with findings as comments. Captures are read two or three times, so they must be files.
 * Throws `InputError` for findings and flows that do not exist.
 */
export async function extractTo(
  sink: BytesSink, paths: readonly string[], request: ExtractRequest, options: AuditOptions, analyse: Analyse,
): Promise<Extracted> {
  const { flows, findings, anonymising } = request;
  const frames = new FrameSet();
  let selection = new FlowSelection(flows, []);
  // Flows given by number are selected in the first pass; those of a finding are known only after it.
  const report = await analyse(thorough(options), findings.length === 0 ? selecting(selection, frames) : {});
  refuseUnknown(findings, flows, report);
  if (findings.length > 0) {
    selection = new FlowSelection(flows, report.findings.filter((_, index) => listHas(findings, index + 1)));
    await analyse({ ...options, rules: [], skip: [] }, selecting(selection, frames));
  }
  addEvidence(frames, findings, flows, report);
  const shown = findingsAbout(findings, flows, report);
  const anonymised = anonymising !== null;
  const comment = sectionComment({
    // File names may identify networks, too.
    source: anonymised ? null : request.source,
    packets: frames.size,
    of: report.capture.packets.read,
    flows: selection.flows,
    findings: shown,
    anonymised,
  });
  await writeSlice(paths, { frames, comments: evidenceComments(shown, anonymised), comment, report, filter: anonymising?.filter }, sink);
  const leftOut = anonymising?.leftOut() ?? 0;
  return { report, packets: frames.size - leftOut, flows: selection.flows.length, leftOut };
}

function refuseUnknown(findings: NumberList, flows: NumberList, report: Report): void {
  const finding = largestOf(findings);
  if (finding > report.findings.length) throw new InputError(noSuchFinding(finding, report));
  const flow = largestOf(flows);
  if (flow > report.totals.flows) throw new InputError(noSuchFlow(flow, report));
}

function selecting(selection: FlowSelection, frames: FrameSet): EngineListeners {
  return {
    frame(record, flow, slot, engine) {
      if (flow === 0 || !selection.has(flow, slot, engine)) return;
      frames.add(record.number);
      for (const number of engine.joinedFrames) frames.add(number);
    },
  };
}

/** Adds the evidence of the requested findings: packets with impossible headers belong to no connection. */
function addEvidence(frames: FrameSet, asked: NumberList, flows: NumberList, { findings }: Report): void {
  const everything = asked.length === 0 && flows.length === 0;
  findings.forEach(({ evidence }, index) => {
    if (everything || listHas(asked, index + 1)) for (const packet of evidence.packets) frames.add(packet);
  });
}

/** The findings that were requested, and those about a requested flow. */
function findingsAbout(asked: NumberList, flows: NumberList, { findings }: Report): NumberedFinding[] {
  const everything = asked.length === 0 && flows.length === 0;
  return findings
    .map((finding, index) => ({ number: index + 1, finding }))
    .filter(({ number, finding: { subject, evidence } }) => {
      const isAbout = (flow: number): boolean => listHas(flows, flow);
      return everything || listHas(asked, number) || (subject.kind === 'flow' && isAbout(subject.flow)) || evidence.flows.some(isAbout);
    });
}
