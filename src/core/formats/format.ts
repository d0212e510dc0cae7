import type { Ladder } from '../report/ladder.ts';
import type { Finding, InterimSummary, Report } from '../report/report.ts';
import type { FlowRow, PacketRow, SocketChangeRow, StateRow, TimelineRow } from '../report/rows.ts';

/** What a piece of text is, for whoever colours it. Meaning only: the rim decides on colours. */
export type Style = 'heading' | 'quiet' | 'command' | 'good' | 'warning' | 'info' | 'low' | 'medium' | 'high' | 'critical';

/** Marks text with a style; on anything but a colour terminal it gives the text back unchanged. */
export type Paint = (style: Style, text: string) => string;

export interface RenderOptions {
  /** Columns of the terminal, or of the page that the text is for. */
  width: number;
  paint: Paint;
  /** Show `info` findings, too. */
  verbose: boolean;
  /** The capture as one word of a command line, for the advice to name; absent where there is no single file. */
  capture?: string;
  /** What that capture is compressed with; absent where it is not. */
  compression?: string;
}

/** Options for text that goes to a file or a pipe. */
export const PLAIN: RenderOptions = { width: 100, paint: (_, text) => text, verbose: false };

/** A way to write the whole report: `--format NAME` of `synoptic audit`. */
export interface ReportFormat {
  name: string;
  /** Of a file that holds it, without the dot; `-o FILE.EXTENSION` selects the format. */
  extension: string;
  /** One phrase for `--help`. */
  summary: string;
  /** What is written when the analysis is done, in pieces. */
  render(report: Report, options: RenderOptions): Iterable<string>;
  /** What is written before that, as it becomes certain. */
  events?: {
    finding(finding: Finding): string;
    /** `isRevised`: takes the place of an earlier row of the same flow, in a live audit. */
    flow(row: FlowRow, isRevised: boolean): string;
    /** In a live audit: what would be found if it ended now, but is not certain; and that it no longer would be. */
    provisional?(finding: Finding, isGone: boolean): string;
    /** In a live audit, every interval of the capture. */
    interim?(summary: InterimSummary): string;
  };
  /** Replaces the exit status of the program. */
  exitStatus?(report: Report): number;
  /** What is written, and the exit status, when there is no report for this reason; without it the program's own words and status. */
  failure?(reason: string): { text: string; status: number };
}

/** Turns rows into text one after the other; a table may hold some back to fit its columns to them. */
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
