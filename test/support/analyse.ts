import type { AuditOptions, FlowRow, Report, TimelineRow } from '../../src/core/index.ts';
import { Engine } from '../../src/core/index.ts';

/** All that the engine says of a capture. */
export interface Analysis {
  report: Report;
  timeline: TimelineRow[];
  /** Flows reported before the capture ended (retired, replaced or evicted), and at its end. */
  ended: FlowRow[];
  open: FlowRow[];
}

/** Runs the engine over the bytes of a capture, handed over in the given pieces. */
export function analyse(chunks: Iterable<Uint8Array>, options: AuditOptions = {}): Analysis {
  const timeline: TimelineRow[] = [];
  const flows: FlowRow[] = [];
  const engine = new Engine(options, { timeline: (change, by) => timeline.push(by.timelineRow(change)), flow: (row) => flows.push(row) });
  engine.open('capture', null);
  for (const chunk of chunks) engine.push(chunk);
  engine.close();
  const ended = flows.length;
  const report = engine.finish();
  return { report, timeline, ended: flows.slice(0, ended), open: flows.slice(ended) };
}

/** The last row of each flow, in the order of their numbers: an audit that tells rows at the close revises some. */
export function lastRows(rows: Iterable<FlowRow>): FlowRow[] {
  return [...new Map([...rows].map((row) => [row.flow, row])).values()].sort((one, other) => one.flow - other.flow);
}

/** JSON in which 64-bit times stand as text. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each));
}
