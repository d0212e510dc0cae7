import type { Ladder } from '../report/ladder.ts';
import type { Finding, InterimSummary, Report } from '../report/report.ts';
import type { FlowRow, PacketRow, SocketChangeRow, StateRow, TimelineRow } from '../report/rows.ts';

/** What a piece of text means. `src/node` decides on the colours. */
export type Style = 'heading' | 'quiet' | 'command' | 'good' | 'warning' | 'info' | 'low' | 'medium' | 'high' | 'critical';

/** Marks text with a style; returns it unchanged where there are no colours. */
export type Paint = (style: Style, text: string) => string;

export interface RenderOptions {
  /** Columns of the terminal or page. */
  width: number;
  paint: Paint;
  /** Show `info` findings as well, and all facts and evidence. */
  verbose: boolean;
  /** The capture as one word of a command line, to be named in advice; absent unless there is exactly one file. */
  capture?: string;
  /** The program that decompresses this capture; absent if it is not compressed. */
  compression?: string;
}

/** Options for text in a file or a pipe. */
export const PLAIN: RenderOptions = { width: 100, paint: (_, text) => text, verbose: false };

/** A way to write the whole report: `--format NAME` of `synoptic audit`. */
export interface ReportFormat {
  name: string;
  /** File name extension without the dot; `-o FILE.EXTENSION` selects the format. */
  extension: string;
  /** One phrase for `--help`. */
  summary: string;
  /** What is written at the end of the analysis, in pieces. */
  render(report: Report, options: RenderOptions): Iterable<string>;
  /** What is written before that, as soon as it is certain. */
  events?: {
    finding(finding: Finding): string;
    /** `isRevised`: replaces an earlier row of the same flow (only in a live audit). */
    flow(row: FlowRow, isRevised: boolean): string;
    /** In a live audit: what would be found if it ended now, but is not certain. `isGone`: it would no longer be found. */
    provisional?(finding: Finding, isGone: boolean): string;
    /** In a live audit: after every interval of the capture. */
    interim?(summary: InterimSummary): string;
  };
  /** The exit status of the program, if the format has its own. */
  exitStatus?(report: Report): number;
  /** Text and exit status when there is no report, for the given reason; by default the program has its own. */
  failure?(reason: string): { text: string; status: number };
}

/** Turns rows into text one by one. A table may hold some back to fit its columns to them. */
export interface RowWriter<Row> {
  write(row: Row): string;
  end(): string;
}

/** A way to write the rows of `synoptic flows`, `states` or `timeline`. */
export interface RowFormat<Row> {
  name: string;
  extension: string;
  summary: string;
  open(options: RenderOptions): RowWriter<Row>;
}

/** A way to draw one connection: `--format NAME` of `synoptic explain`. */
export interface LadderFormat {
  name: string;
  extension: string;
  summary: string;
  render(ladder: Ladder, options: RenderOptions): Iterable<string>;
}

export type AnyRow = FlowRow | PacketRow | SocketChangeRow | StateRow | TimelineRow;
