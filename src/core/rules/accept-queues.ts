import type { Observation } from '../observations.ts';
import { serverOf } from './occurrences.ts';
import type { RuleContext } from './rule.ts';
import { SlotNumbers } from './slot-numbers.ts';

const MOST_LISTENERS = 65_536;
/** Drops of one listener that are weighed for its bounds. */
const MOST_DROPS = 1_000;
/** Of ten drops one may be a packet lost on the way, while the queue had room. */
const DOUBTED_SHARE = 0.1;
/** What a connection is to its listener. */
const HALF_OPEN = 1;
const COMPLETED = 2;
/** Its server has spoken on it, or ended it: a program has accepted it. */
const ANSWERED = 3;

/** What is noted of each flow: its stage; the listener's answers when it was completed, and one (0 once it no longer counts in `sinceAnswer`). */
const STAGE = 0;
const ARRIVAL = 1;
/** … and what a drop at the time noted would say, with the listener's answers then. */
const MOST = 2;
const WAITING = 3;
const ANSWERS_THEN = 4;
const FIELDS = 5;

/** What a listener had before it when it dropped a connection. */
interface Drop {
  flow: number;
  /** The most that the backlog can be. */
  most: number;
  /** Connections in the queue, had the program accepted none of those that it had not answered; 0: not known. */
  waiting: number;
}

/** What is known of a backlog, in connections; null where nothing bounds it. */
export interface Backlog {
  atMost: number | null;
  /** The least that it can be, had the program accepted none of the connections that came after its latest answer. */
  ifNoneAccepted: number | null;
}

/** One listening endpoint and the connections that wait for it. */
export class Listener {
  /** Handshakes that clients completed, and the time of the latest. */
  completed = 0;
  latest = -1;
  /** Time of the latest segment that shows it alive: a SYN-ACK, or its first word on a connection. */
  heard = -1;
  /** Connections that its kernel answered with SYN-ACK and whose ACK has not passed. */
  halfOpen = 0;
  /** Completed ones on which it has not said a word: only these can be in its accept queue. */
  unanswered = 0;
  /** Those of them that came after its latest answer to anybody, and whose client is still there. */
  sinceAnswer = 0;
  /** First answers on a connection. */
  answers = 0;
  readonly drops: Drop[] = [];

  /**
   * A Linux queue is full when it holds one connection more than the backlog (`sk_acceptq_is_full`). At a drop all of them were among those
   * that the program had not answered. That is a bound from above; from below there is none without an assumption, for a program that
   * accepts connections and answers late looks like one that does not accept.
   */
  backlog(): Backlog {
    if (this.drops.length === 0) return { atMost: null, ifNoneAccepted: null };
    const drops = [...this.drops].sort((one, other) => one.most - other.most);
    const { most } = drops[Math.floor(drops.length * DOUBTED_SHARE)];
    const waiting = Math.max(...drops.filter((drop) => drop.most <= most).map((drop) => drop.waiting));
    // A queue that is full of connections which the capture has not seen says nothing.
    return { atMost: most >= 0 ? most : null, ifNoneAccepted: waiting > 0 ? waiting - 1 : null };
  }
}

/**
 * What may be in the accept queue of each listener. accept() cannot be seen: a connection on which the server has sent data, FIN or RST was
 * accepted, any other may have been.
 */
export class AcceptQueues {
  private readonly context: RuleContext;
  private readonly listeners = new Map<number, Listener>();
  private readonly flows = new SlotNumbers(FIELDS);

  constructor(context: RuleContext) {
    this.context = context;
  }

  of(endpoint: number): Listener | undefined {
    return this.listeners.get(endpoint);
  }

  answerSyn({ flow, time }: Observation): void {
    const listener = this.listenerOf(flow);
    if (listener === undefined) return;
    listener.heard = time;
    if (this.flows.of(flow, STAGE) !== 0) return;
    listener.halfOpen += 1;
    this.flows.note(flow, HALF_OPEN, STAGE);
  }

  /** The handshake's last segment passed: the listener takes the connection now, or drops it. */
  complete({ flow, time }: Observation): void {
    const listener = this.listenerOf(flow);
    if (listener === undefined) return;
    listener.completed += 1;
    listener.latest = time;
    if (this.flows.of(flow, STAGE) >= COMPLETED) return;
    if (this.flows.of(flow, STAGE) === HALF_OPEN) listener.halfOpen -= 1;
    this.note(flow, listener, listener.unanswered - 1);
    this.flows.note(flow, COMPLETED, STAGE);
    this.flows.note(flow, listener.answers + 1, ARRIVAL);
    listener.unanswered += 1;
    listener.sinceAnswer += 1;
  }

  /** A SYN came again: the kernel drops it when either queue is full, and that of half-open ones holds as many as the backlog. */
  knock(flow: number): void {
    const listener = this.listenerOf(flow);
    if (listener === undefined) return;
    const queued = listener.unanswered - 1;
    this.note(flow, listener, listener.halfOpen > 0 ? Math.max(queued, listener.halfOpen) : queued);
  }

  /** The server has said a word on the connection: nothing that it or its client says later counts. */
  isAnswered(flow: number): boolean {
    return this.flows.of(flow, STAGE) === ANSWERED;
  }

  /** The server's first data, FIN or RST on a connection. */
  answer({ flow, time }: Observation): void {
    const stage = this.flows.of(flow, STAGE);
    const listener = stage === ANSWERED ? undefined : this.listenerOf(flow);
    if (listener === undefined) return;
    listener.heard = time;
    if (stage === COMPLETED) listener.unanswered -= 1;
    else if (stage === HALF_OPEN) listener.halfOpen -= 1;
    this.flows.note(flow, ANSWERED, STAGE);
    listener.answers += 1;
    listener.sinceAnswer = 0;
  }

  /** The client's FIN or RST: of a completed connection the queue may still hold what is left. */
  leave(flow: number): void {
    const stage = this.flows.of(flow, STAGE);
    const listener = stage === HALF_OPEN || stage === COMPLETED ? this.listenerOf(flow) : undefined;
    if (listener === undefined) return;
    if (stage === HALF_OPEN) {
      listener.halfOpen -= 1;
      this.flows.note(flow, 0, STAGE);
    } else if (this.flows.of(flow, ARRIVAL) === listener.answers + 1) listener.sinceAnswer -= 1;
    this.flows.note(flow, 0, ARRIVAL);
  }

  /** It shows that the listener had dropped the connection at the time noted. */
  drop(flow: number): void {
    const listener = this.listenerOf(flow);
    if (listener === undefined) return;
    const isSilent = listener.answers === this.flows.of(flow, ANSWERS_THEN);
    if (listener.drops.length < MOST_DROPS) listener.drops.push({ flow, most: this.flows.of(flow, MOST) - 1, waiting: isSilent ? this.flows.of(flow, WAITING) : 0 });
    this.leave(flow);
  }

  /** It did not drop it after all. */
  takeBack(flow: number): void {
    const drops = this.listenerOf(flow)?.drops ?? [];
    const at = drops.map((drop) => drop.flow).lastIndexOf(flow);
    if (at >= 0) drops.splice(at, 1);
  }

  /** The flow is over, and its slot may be used again. What no program has answered may be in the queue for good. */
  end(flow: number): void {
    if (this.flows.of(flow, STAGE) === 0) return;
    this.leave(flow);
    this.flows.note(flow, 0, STAGE);
  }

  private note(flow: number, listener: Listener, most: number): void {
    this.flows.note(flow, most + 1, MOST);
    this.flows.note(flow, listener.sinceAnswer, WAITING);
    this.flows.note(flow, listener.answers, ANSWERS_THEN);
  }

  private listenerOf(flow: number): Listener | undefined {
    const key = serverOf(this.context, flow);
    let listener = this.listeners.get(key);
    if (listener === undefined && this.listeners.size < MOST_LISTENERS) {
      listener = new Listener();
      this.listeners.set(key, listener);
    }
    return listener;
  }
}
