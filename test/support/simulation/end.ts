import type { StateName } from '../../../src/core/index.ts';

/** A segment as an end hands it to the network. */
export interface SimulatedSegment {
  /** Flag letters as in `packets.ts`: "S", "SA", "A", "PA", "FA", "R", "RA". */
  flags: string;
  seq: number;
  ack: number;
  length: number;
}

/** What an end needs of the world: a clock, timers, and a way out for its segments. Times are nanoseconds. */
export interface World {
  now(): number;
  after(delay: number, action: () => void): void;
  transmit(end: SimulatedEnd, segment: SimulatedSegment): void;
}

const RETRANSMISSION_TIMEOUT = 200e6;
const MOST_RETRANSMISSIONS = 5;
const SEGMENT_SIZE = 1000;
const WINDOW = 60_000;

/**
 * One end of a connection as RFC 9293 describes it, as plainly as may be: cumulative acknowledgments, a queue for what comes out
 * of order, retransmission with a doubling timeout, no congestion control, a TIME_WAIT that never ends. It knows its true state.
 */
export class SimulatedEnd {
  readonly name: string;
  /** Every state it was in, and since when. */
  readonly states: { time: number; state: StateName }[] = [];
  /** Called when the peer's FIN has arrived. */
  onPeerClosed: () => void = () => {};
  readonly #world: World;
  readonly #iss: number;
  #state: StateName = 'CLOSED';
  #nxt: number;
  #una: number;
  #received = 0;
  #fin: number | null = null;
  #waiting = 0;
  #closing = false;
  /** Sent and not acknowledged. */
  #outstanding: SimulatedSegment[] = [];
  /** Arrived ahead of a gap, by sequence number. */
  readonly #early = new Map<number, SimulatedSegment>();
  #attempts = 0;
  #timer = 0;

  constructor(world: World, name: string, iss: number) {
    this.#world = world;
    this.name = name;
    this.#iss = iss >>> 0;
    this.#nxt = this.#iss;
    this.#una = this.#iss;
  }

  get state(): StateName {
    return this.#state;
  }

  listen(): void {
    this.#enter('LISTEN');
  }

  connect(): void {
    this.#enter('SYN_SENT');
    this.#send('S', 0);
  }

  /** Sends `length` bytes, as soon as the connection is established. */
  write(length: number): void {
    if (this.#closing) return;
    this.#waiting += length;
    this.#flush();
  }

  /** Sends a FIN after all that was written. */
  close(): void {
    if (this.#closing || this.#state === 'CLOSED' || this.#state === 'LISTEN') return;
    this.#closing = true;
    this.#flush();
  }

  /** Gives up with a RST. */
  abort(): void {
    if (!this.#isSynchronized()) return;
    this.#emit('RA', 0, this.#nxt);
    this.#enter('CLOSED');
  }

  /** Asks whether the peer is still there, with the number before the next one. */
  keepAlive(): void {
    if (this.#state === 'ESTABLISHED' && this.#outstanding.length === 0) this.#emit('A', 0, (this.#nxt - 1) >>> 0);
  }

  /** A segment arrives that PAWS refuses: it is answered, and does nothing. */
  refuse(): void {
    if (this.#state !== 'CLOSED' && this.#state !== 'LISTEN' && this.#state !== 'SYN_SENT') this.#acknowledge();
  }

  receive(segment: SimulatedSegment): void {
    const { flags, seq, ack } = segment;
    const [syn, reset, acknowledges] = [flags.includes('S'), flags.includes('R'), flags.includes('A')];
    if (this.#state === 'CLOSED') {
      if (!reset) this.#refuse(segment);
    } else if (this.#state === 'LISTEN') {
      if (syn && !acknowledges) this.#acceptSyn(segment, 'SYN_RECEIVED');
      else if (!reset) this.#refuse(segment);
    } else if (this.#state === 'SYN_SENT') {
      this.#answerInSynSent(segment);
    } else if (reset) {
      if (seq === this.#received) this.#enter('CLOSED');
      else if (ahead(seq, this.#received) > 0 && ahead(seq, this.#received) < WINDOW) this.#acknowledge();
    } else if (syn) {
      if (this.#state === 'SYN_RECEIVED' && !acknowledges) this.#emit('SA', 0, this.#iss);
      else if (this.#state === 'SYN_RECEIVED') this.#takeAck(ack);
      else this.#acknowledge();
    } else if (acknowledges) {
      if (ahead(ack, this.#nxt) > 0) this.#acknowledge();
      else {
        this.#takeAck(ack);
        this.#takeText(segment);
        if (segment.length === 0 && ahead(seq, this.#received) === -1 && !flags.includes('F')) this.#acknowledge();
      }
    }
  }

  #answerInSynSent({ flags, seq, ack }: SimulatedSegment): void {
    const fits = flags.includes('A') && ack === (this.#iss + 1) >>> 0;
    if (flags.includes('R')) {
      if (fits) this.#enter('CLOSED');
    } else if (flags === 'SA' && fits) {
      this.#received = (seq + 1) >>> 0;
      this.#takeAck(ack);
      this.#enter('ESTABLISHED');
      this.#acknowledge();
      this.#flush();
    } else if (flags === 'S') {
      this.#outstanding = [];
      this.#nxt = this.#iss;
      this.#acceptSyn({ flags, seq, ack, length: 0 }, 'SYN_RECEIVED');
    }
  }

  #acceptSyn({ seq }: SimulatedSegment, state: StateName): void {
    this.#received = (seq + 1) >>> 0;
    this.#enter(state);
    this.#send('SA', 0);
  }

  #takeAck(ack: number): void {
    if (this.#state === 'SYN_RECEIVED' && ack === (this.#iss + 1) >>> 0) this.#enter('ESTABLISHED');
    if (ahead(ack, this.#una) > 0) {
      this.#una = ack;
      this.#attempts = 0;
      this.#outstanding = this.#outstanding.filter((sent) => ahead(ack, endOf(sent)) < 0);
      this.#armTimer();
    }
    if (this.#fin !== null && ahead(ack, this.#fin) >= 0) {
      if (this.#state === 'FIN_WAIT_1') this.#enter('FIN_WAIT_2');
      else if (this.#state === 'CLOSING') this.#enter('TIME_WAIT');
      else if (this.#state === 'LAST_ACK') this.#enter('CLOSED');
    }
    this.#flush();
  }

  #takeText(segment: SimulatedSegment): void {
    const consumed = segment.length + (segment.flags.includes('F') ? 1 : 0);
    if (consumed === 0 || this.#state === 'CLOSED' || this.#state === 'SYN_RECEIVED') return;
    if (ahead(segment.seq, this.#received) > 0) this.#early.set(segment.seq, segment);
    else if (segment.seq === this.#received) {
      let next: SimulatedSegment | undefined = segment;
      let finished = false;
      while (next !== undefined) {
        this.#early.delete(next.seq);
        this.#received = endOf(next);
        finished ||= next.flags.includes('F');
        next = this.#early.get(this.#received);
      }
      if (finished) this.#peerClosed();
    }
    this.#acknowledge();
  }

  #peerClosed(): void {
    if (this.#state === 'ESTABLISHED') this.#enter('CLOSE_WAIT');
    else if (this.#state === 'FIN_WAIT_1') this.#enter('CLOSING');
    else if (this.#state === 'FIN_WAIT_2') this.#enter('TIME_WAIT');
    this.onPeerClosed();
  }

  #flush(): void {
    if (this.#state !== 'ESTABLISHED' && this.#state !== 'CLOSE_WAIT') return;
    while (this.#waiting > 0) {
      const length = Math.min(SEGMENT_SIZE, this.#waiting);
      this.#waiting -= length;
      this.#send('PA', length);
    }
    if (!this.#closing || this.#fin !== null) return;
    this.#enter(this.#state === 'ESTABLISHED' ? 'FIN_WAIT_1' : 'LAST_ACK');
    this.#fin = (this.#nxt + 1) >>> 0;
    this.#send('FA', 0);
  }

  /** A segment that must be acknowledged. */
  #send(flags: string, length: number): void {
    const segment = { flags, seq: this.#nxt, ack: flags === 'S' ? 0 : this.#received, length };
    this.#nxt = endOf(segment);
    this.#outstanding.push(segment);
    this.#world.transmit(this, segment);
    if (this.#outstanding.length === 1) this.#armTimer();
  }

  #armTimer(): void {
    const timer = ++this.#timer;
    if (this.#outstanding.length === 0) return;
    this.#world.after(RETRANSMISSION_TIMEOUT * 2 ** this.#attempts, () => {
      const [oldest] = this.#outstanding;
      if (timer !== this.#timer || oldest === undefined || this.#state === 'CLOSED') return;
      if (++this.#attempts > MOST_RETRANSMISSIONS) {
        this.#enter('CLOSED');
        return;
      }
      this.#world.transmit(this, { ...oldest, ack: oldest.flags === 'S' ? 0 : this.#received });
      this.#armTimer();
    });
  }

  #acknowledge(): void {
    this.#emit('A', 0, this.#nxt);
  }

  #refuse({ flags, seq, ack, length }: SimulatedSegment): void {
    if (flags.includes('A')) this.#world.transmit(this, { flags: 'R', seq: ack, ack: 0, length: 0 });
    else this.#world.transmit(this, { flags: 'RA', seq: 0, ack: endOf({ flags, seq, ack, length }), length: 0 });
  }

  #emit(flags: string, length: number, seq: number): void {
    this.#world.transmit(this, { flags, seq, ack: this.#received, length });
  }

  #isSynchronized(): boolean {
    return !['CLOSED', 'LISTEN', 'SYN_SENT', 'TIME_WAIT'].includes(this.#state);
  }

  #enter(state: StateName): void {
    this.#state = state;
    this.states.push({ time: this.#world.now(), state });
    if (state === 'CLOSED') {
      this.#outstanding = [];
      this.#timer++;
    }
  }
}

/** How far `a` is ahead of `b`, modulo 2^32. */
function ahead(a: number, b: number): number {
  return (a - b) | 0;
}

/** The sequence number after a segment. */
function endOf({ flags, seq, length }: SimulatedSegment): number {
  return (seq + length + (/[SF]/.test(flags) ? 1 : 0)) >>> 0;
}
