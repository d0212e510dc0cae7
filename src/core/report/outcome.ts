import { type Columns, FlowMark, HISTORY_LENGTH, Mark } from '../flow/columns.ts';
import { endOf } from '../flow/end.ts';
import { otherSide, type Side } from '../observations.ts';
import { HISTORY_LETTERS } from '../tcp/context.ts';
import { SYN_RECEIVED, SYN_SENT } from '../tcp/state.ts';
import type { Outcome } from './report.ts';

/** How a flow ended, or how far it got, by what was captured of it. */
export function outcomeOf(columns: Columns, flow: number): Outcome {
  const marks = columns.flowMarks[flow];
  const one = columns.marks[endOf(flow, 0)];
  const other = columns.marks[endOf(flow, 1)];
  const either = one | other;
  const synchronized = (either & Mark.SYNCHRONIZED) !== 0;
  const handshake = columns.state[endOf(flow, 0)] === SYN_SENT || columns.state[endOf(flow, 1)] === SYN_SENT || (either & Mark.ISS) !== 0;
  if ((marks & FlowMark.REFUSED) !== 0) return 'refused';
  if ((marks & FlowMark.REJECTED) !== 0 && !synchronized) return 'rejected';
  if ((marks & FlowMark.RESET) !== 0) {
    if (!synchronized && handshake) return 'unfinished-handshake';
    return (marks & FlowMark.ABORTED) !== 0 ? 'aborted' : 'reset';
  }
  if ((one & other & Mark.FIN) !== 0) return 'closed';
  if ((either & Mark.FIN) !== 0) return 'half-closed';
  if (!synchronized && handshake) {
    const answered = (either & Mark.SYN_ACK) !== 0 || columns.state[endOf(flow, 0)] === SYN_RECEIVED || columns.state[endOf(flow, 1)] === SYN_RECEIVED;
    return answered ? 'unfinished-handshake' : 'unanswered';
  }
  return (marks & FlowMark.MIDSTREAM) !== 0 ? 'midstream' : 'open';
}

/** Zeek's conn_state of a flow. */
export function connState(columns: Columns, flow: number, client: Side): string {
  const originator = columns.marks[endOf(flow, client)];
  const responder = columns.marks[endOf(flow, otherSide(client))];
  const marks = columns.flowMarks[flow];
  const synSeen = columns.synCount[endOf(flow, client)] > 0;
  const synAck = (responder & Mark.SYN_ACK) !== 0 && columns.synCount[endOf(flow, otherSide(client))] > 0;
  if ((marks & FlowMark.REFUSED) !== 0) return 'REJ';
  if (!synSeen && !synAck) return 'OTH';
  const answered = columns.packets[endOf(flow, otherSide(client))] > 0;
  if (synSeen && answered && (originator & responder & Mark.FIN) !== 0) return 'SF';
  if ((originator & Mark.RST) !== 0) return synAck ? 'RSTO' : 'RSTOS0';
  if ((responder & Mark.RST) !== 0) return synSeen ? 'RSTR' : 'RSTRH';
  if (!synSeen) return (responder & Mark.FIN) !== 0 && (originator & Mark.FIN) === 0 ? 'SHR' : (originator & responder & Mark.FIN) !== 0 ? 'SF' : 'OTH';
  if (!synAck) return (originator & Mark.FIN) !== 0 ? 'SH' : 'S0';
  if ((originator & responder & Mark.FIN) !== 0) return 'SF';
  if ((originator & Mark.FIN) !== 0) return 'S2';
  if ((responder & Mark.FIN) !== 0) return 'S3';
  return 'S1';
}

/** Zeek's history of a flow: one letter for each kind of event, upper case for the client. */
export function historyOf(columns: Columns, flow: number, client: Side): string {
  let history = '';
  for (let at = flow * HISTORY_LENGTH; at < (flow + 1) * HISTORY_LENGTH; at++) {
    const entry = columns.history[at];
    if (entry === 0) break;
    const letter = HISTORY_LETTERS[(entry >> 1) - 1] ?? '';
    history += (entry & 1) === client ? letter.toUpperCase() : letter;
  }
  return history;
}
