import { ACK, FIN, RST, SYN } from '../wire/segment.ts';

/** A segment that opens no connection, and answers no SYN. */
export function isWithoutSyn(flags: number): boolean {
  return (flags & SYN) === 0;
}

export function isSynAck(flags: number): boolean {
  return (flags & (SYN | ACK)) === (SYN | ACK);
}

/** SYN-ACK or RST: what only an answer has. */
export function isAnswer(flags: number): boolean {
  return isSynAck(flags) || (flags & (RST | SYN)) === RST;
}

/** What a segment without SYN is called by its flags. */
export function kindOf(flags: number): 'rst' | 'fin' | 'ack' | 'other' {
  if ((flags & RST) !== 0) return 'rst';
  if ((flags & FIN) !== 0) return 'fin';
  return (flags & ACK) !== 0 ? 'ack' : 'other';
}
