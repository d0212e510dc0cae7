import { ACK, FIN, RST, SYN } from '../wire/segment.ts';

const FIRST_SLOTS = 1024;

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

/** The flag bits with which each flow began, one small number a flow's slot. */
export class FlowFlags {
  private flags = new Uint16Array(FIRST_SLOTS);

  note(flow: number, flags: number): void {
    if (flow >= this.flags.length) {
      const larger = new Uint16Array(Math.max(flow + 1, this.flags.length * 2));
      larger.set(this.flags);
      this.flags = larger;
    }
    this.flags[flow] = flags;
  }

  /** 0 where nothing was noted. */
  of(flow: number): number {
    return this.flags[flow] ?? 0;
  }
}
