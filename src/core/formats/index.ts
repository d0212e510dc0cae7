/* The formats of `--format`, by what they write; the first is the default. A new format is a file and a line here. */
import type { FlowRow, PacketRow, SocketChangeRow, StateRow, TimelineRow } from '../report/rows.ts';
import { flowsCsv } from './flows-csv.ts';
import { flowsText } from './flows-text.ts';
import type { LadderFormat, ReportFormat, RowFormat } from './format.ts';
import { json } from './json.ts';
import { ladderJson } from './ladder-json.ts';
import { ladderSvg } from './ladder-svg.ts';
import { ladderText } from './ladder-text.ts';
import { nagios } from './nagios.ts';
import { ndjson } from './ndjson.ts';
import { flowsNdjson, ndjsonRows, packetsNdjson, timelineNdjson } from './ndjson-rows.ts';
import { packetsText } from './packets-text.ts';
import { socketChangesText } from './socket-changes-text.ts';
import { statesText } from './states-text.ts';
import { text } from './text.ts';
import { timelineText } from './timeline-text.ts';

export const REPORT_FORMATS: readonly ReportFormat[] = [text, json, ndjson, nagios];
export const FLOW_FORMATS: readonly RowFormat<FlowRow>[] = [flowsText, flowsNdjson, flowsCsv];
export const STATE_FORMATS: readonly RowFormat<StateRow>[] = [statesText, ndjsonRows];
export const SOCKET_CHANGE_FORMATS: readonly RowFormat<SocketChangeRow>[] = [socketChangesText, ndjsonRows];
export const TIMELINE_FORMATS: readonly RowFormat<TimelineRow>[] = [timelineText, timelineNdjson];
export const PACKET_FORMATS: readonly RowFormat<PacketRow>[] = [packetsText, packetsNdjson];
export const LADDER_FORMATS: readonly LadderFormat[] = [ladderText, ladderSvg, ladderJson];
