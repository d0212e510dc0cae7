import { Kind, otherSide, RETRANSMISSION } from '../observations.ts';
import type { Observation } from '../observations.ts';
import { explain } from './accept-queue-overflow-words.ts';
import { AcceptQueues } from './accept-queues.ts';
import type { Listener } from './accept-queues.ts';
import { SlotNumbers } from './slot-numbers.ts';
import { draftOf, Occurrences, serverOf } from './occurrences.ts';
import type { Group } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { overflowOf } from './wider-causes.ts';
import { textOf } from './words.ts';

/** Connections, by shape: SYN unanswered, SYN-ACK repeated in spite of the ACK, data never served. */
const SILENT = 0;
const REPEATED = 1;
const UNSERVED = 2;
/** SYN-ACKs repeated before any data came: TCP_DEFER_ACCEPT does that. */
const DEFERRED = 3;
/** Handshakes completed before the first drop: where nothing was accepted, that is how many the queue holds. */
const COMPLETED_BEFORE = 4;
/** … and up to the last one. */
const COMPLETED_AT_LAST = 5;
/** Drops with next to none served since the one before. */
const IN_A_ROW = 6;
/** Connections with any of the first three signs, each once. */
const AFFECTED = 7;
/** Of those with unanswered SYNs: the listener answered others meanwhile. */
const WHILE_ANSWERING = 8;
const NEXT_TO_NONE = 20;
/** Fewer than this share of its connections dropped, and so few in a row, are no full queue. */
const LEAST_SHARE = 0.01;
const LEAST_IN_A_ROW = 5;
/** What is known of a connection, in bits: it counts as dropped, for its SYNs or for its SYN-ACKs, and its client had to send data again. */
const BY_SYN = 1;
const BY_SYN_ACK = 2;
const BY_DATA = 4;
const SENT_AGAIN = 8;
/** … and it counts among those in a row. */
const SOON_AFTER = 16;
/** … and among those dropped while the listener answered others. */
const WHILE_OTHERS = 32;
const DROPPED = BY_SYN | BY_SYN_ACK | BY_DATA;
/** What is noted of each flow: those bits; how many its listener had served when its first SYN came, and one (0 where that was not seen). */
const KNOWN = 0;
const SERVED_BEFORE = 1;
/** … the SYN by which it counts as dropped. */
const SILENT_SYN = 2;
const FIELDS = 3;
const TIMEOUT = RETRANSMISSION.indexOf('timeout');
const GO_BACK_N = RETRANSMISSION.indexOf('go-back-n');
/** A SYN-ACK comes again for want of an ACK after a second (RFC 6298 §2); one that comes sooner answers another SYN. */
const SYN_ACK_TIMER = 0.9e9;
const UNSEEN_QUEUE = 'No connection was seen to wait in the queue: it may have been filled before the capture began.';
/** An answer of the listener this long before the first sign still shows that it is alive. */
const ALIVE_BEFORE = 10e9;

export const acceptQueueOverflow: Rule = {
  id: 'accept-queue-overflow',
  title: 'A listener drops connections: its queue is full',
  summary: 'Clients see SYNs unanswered, SYN-ACKs repeated after their ACK, or data never acknowledged, while the same listener serves others.',
  severities: ['high', 'medium', 'low'],
  references: ['RFC 9293 §3.10.7.2', 'RFC 4987 §3'],
  aliases: ['backlog', 'listen overflow', 'ListenOverflows', 'somaxconn', 'listen queue', 'TCPReqQFullDrop'],
  underFaults:
    'Loss between the capture point and the server looks alike for one try; so a connection counts only after two unanswered repeats, or when data that came with the ACK had to be sent again. ' +
    'A path that holds packets up for seconds has each SYN answered in the end: those do not count. ' +
    'TCP_DEFER_ACCEPT repeats the SYN-ACK too, and is ruled out where data is served when it comes.',
  options: {
    minimum: { default: 2, unit: 'connections', meaning: 'fewer affected ones are not reported; one is (low), where the listener has answered nobody and two or more wait for it' },
    many: { default: 5, unit: 'connections', meaning: 'affected, from which on it is high' },
    share: { default: 0.05, unit: 'share', meaning: 'of affected ones to those served, at least, where it is high' },
  },
  watches: [
    Kind.STARTED_WITHOUT_SYN,
    Kind.SYN,
    Kind.SYN_REPEATED,
    Kind.SYN_ACK,
    Kind.SYN_ACK_REPEATED,
    Kind.HANDSHAKE_COMPLETED,
    Kind.FIRST_DATA,
    Kind.RETRANSMITTED,
    Kind.FIN,
    Kind.RESET,
    Kind.UNSERVED_DATA,
    Kind.FLOW_ENDED,
  ],
  skipsOrderly: true,
  examples: {
    flagged: [
      {
        title: 'the listener served two and ignores the rest',
        conversation: `
          repeat 2 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 10; S > C:# ACK }
          repeat 4 every 0.1 {
            B:# > S SYN
            +1 B:# > S SYN again
            +1 B:# > S SYN again
            +1 B:# > S SYN again
          }`,
      },
    ],
    clean: [
      {
        title: 'one client gets no answer, while the program answers others',
        conversation: `
          repeat 2 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 10; S > C:# PSH ACK 10 }
          repeat 2 { D:# > S SYN; S > D:# SYN ACK; D:# > S ACK }
          B > S SYN
          +1 B > S SYN again
          +1 B > S SYN again
          +1 B > S SYN again`,
      },
      {
        title: 'TCP_DEFER_ACCEPT: the SYN-ACK is repeated until data comes',
        conversation: `
          repeat 3 {
            C:# > S SYN; S > C:# SYN ACK; C:# > S ACK
            +1 S > C:# SYN ACK again
            C:# > S ACK
            C:# > S PSH ACK 10
            S > C:# ACK
            S > C:# PSH ACK 10
          }`,
      },
      {
        title: 'a path that holds packets up: each SYN is answered, late, and the data with the first ACK is taken',
        conversation: `
          repeat 2 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 10; S > C:# ACK; S > C:# PSH ACK 10 }
          repeat 4 every 0.1 {
            B:# > S SYN
            +1 B:# > S SYN again
            +1 B:# > S SYN again
            +0.3 S > B:# SYN ACK; B:# > S ACK; B:# > S PSH ACK 10
            +0.1 S > B:# SYN ACK again; B:# > S ACK
            +0.1 S > B:# SYN ACK again; B:# > S ACK
            +0.8 S > B:# ACK; S > B:# PSH ACK 10; B:# > S ACK
          }`,
      },
      {
        title: 'one SYN is lost and repeated',
        conversation: `
          repeat 5 {
            C:# > S SYN; +1 C:# > S SYN again
            S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 10; S > C:# ACK
          }`,
      },
    ],
  },
  start: (context) => new AcceptQueueOverflow(context),
  explains: ({ severity, facts }) => (severity === 'low' ? '' : overflowOf(textOf(facts, 'server'))),
  explain,
};

class AcceptQueueOverflow implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly signs: Occurrences;
  private readonly queues: AcceptQueues;
  private readonly flows = new SlotNumbers(FIELDS);

  constructor(context: RuleContext) {
    this.context = context;
    this.signs = new Occurrences(context);
    this.queues = new AcceptQueues(context);
  }

  observe(observation: Observation): void {
    const { kind, flow } = observation;
    if (kind === Kind.SYN) {
      this.forget(flow);
      this.flows.note(flow, this.servedBy(flow) + 1, SERVED_BEFORE);
    } else if (kind === Kind.FIRST_DATA || kind === Kind.FIN) {
      if (!this.queues.isAnswered(flow)) this.speak(observation);
    } else if (kind === Kind.FLOW_ENDED || kind === Kind.STARTED_WITHOUT_SYN) this.forget(flow);
    // Of a server that is not captured nobody knows what it answers.
    else if (kind === Kind.SYN_REPEATED || !this.context.connections.oneWay(flow)) this.follow(observation);
  }

  finish(): void {
    const minimum = this.context.option('minimum');
    for (const group of this.signs.groups.values()) {
      const affected = group.at(AFFECTED);
      const listener = this.queues.of(group.key);
      const latest = listener?.latest ?? -1;
      // A listener that served nobody is dead or filtered, not full.
      const isAlive = group.at(REPEATED) + group.at(UNSERVED) > 0 || (latest >= 0 && latest > group.first - ALIVE_BEFORE);
      const isEnough = (affected >= minimum && group.flowCount() >= minimum) || (affected === 1 && waitsInSight(group, listener));
      if (isEnough && isAlive) this.report(group, affected, listener);
    }
  }

  private follow(observation: Observation): void {
    const { kind, flow, side, a } = observation;
    switch (kind) {
      case Kind.SYN_ACK:
        this.queues.answerSyn(observation);
        // By its timestamp it answers an earlier SYN than the last.
        if ((this.flows.of(flow, KNOWN) & BY_SYN) !== 0 && this.context.connections.since(flow, side) <= this.context.connections.started(flow)) this.withdraw(observation);
        break;
      case Kind.HANDSHAKE_COMPLETED:
        this.queues.complete(observation);
        break;
      // The second repeat in vain: loss alone seldom gives that. Later ones are the same connection.
      case Kind.SYN_REPEATED:
        if (a === 2) this.queues.knock(flow);
        else if (a === 3) {
          this.add(observation, SILENT, BY_SYN);
          this.noteOthers(flow);
          this.flows.note(flow, observation.packet, SILENT_SYN);
        }
        break;
      case Kind.SYN_ACK_REPEATED:
        this.repeated(observation);
        break;
      case Kind.RETRANSMITTED:
        if (side === this.context.connections.client(flow) && (observation.b === TIMEOUT || observation.b === GO_BACK_N)) this.flows.note(flow, this.flows.of(flow, KNOWN) | SENT_AGAIN, KNOWN);
        break;
      case Kind.UNSERVED_DATA:
        this.add(observation, UNSERVED, BY_DATA);
        break;
      default:
        this.speak(observation);
    }
  }

  /** Data, FIN or RST of an end. */
  private speak(observation: Observation): void {
    const { kind, flow, side } = observation;
    const { connections } = this.context;
    const isServer = side !== connections.client(flow);
    if ((!isServer && kind === Kind.FIRST_DATA) || connections.oneWay(flow)) return;
    if (isServer) this.queues.answer(observation);
    else this.queues.leave(flow);
  }

  private report(group: Group, affected: number, listener: Listener | undefined): void {
    const shapes = [SILENT, REPEATED, UNSERVED].filter((shape) => group.at(shape) > 0).length;
    const served = listener?.completed ?? 0;
    // A full queue drops whoever comes; a filter, or a link that loses packets, some, now and then, while all others are served.
    const meanwhile = group.at(COMPLETED_AT_LAST) - group.at(COMPLETED_BEFORE);
    const isSelective = affected < LEAST_SHARE * (affected + served) && group.at(IN_A_ROW) < LEAST_IN_A_ROW;
    const backlog = isSelective ? undefined : listener?.backlog();
    // One connection fills only the queue of a listener that wants none.
    const isEmpty = backlog?.atMost === 0;
    // SYNs alone may be lost anywhere; a full queue shows itself by those who wait in it.
    const isUnseen = !isSelective && group.at(SILENT) === affected && (backlog?.atMost ?? null) === null;
    this.context.report(
      draftOf(group, {
        severity: isSelective || isEmpty || isUnseen || affected < this.context.option('minimum') ? 'low' : affected >= this.context.option('many') && affected >= this.context.option('share') * served ? 'high' : 'medium',
        confidence: isUnseen ? 'low' : shapes > 1 || group.at(UNSERVED) >= 2 ? 'high' : 'medium',
        subject: { kind: 'endpoint', endpoint: group.server },
        count: affected,
        facts: {
          affected,
          syns_unanswered: group.at(SILENT),
          synack_repeated_after_ack: group.at(REPEATED),
          data_never_served: group.at(UNSERVED),
          handshakes_completed: served,
          completed_before_first_drop: group.at(COMPLETED_BEFORE),
          completed_between_drops: meanwhile,
          dropped_while_others_were_answered: group.at(WHILE_ANSWERING),
          queue_unseen: isUnseen,
          backlog_connections_at_most: backlog?.atMost ?? null,
          backlog_connections_if_none_accepted: backlog?.ifNoneAccepted ?? null,
        },
        doubts: isUnseen ? [UNSEEN_QUEUE] : this.doubts(shapes, isSelective, isEmpty, group.at(SILENT) === affected),
      }),
    );
  }

  private doubts(shapes: number, isSelective: boolean, isEmpty: boolean, isSilent: boolean): string[] {
    if (isEmpty) return ['At a drop no more than one connection waited: unless the backlog is 0, the packets were lost on the way to the server.'];
    if (isSelective) return [`Nearly all others were served meanwhile: ${isSilent ? 'a filter that drops some clients' : 'a link that loses packets on the way to the server'} is likelier than a full queue.`];
    return shapes > 1 ? [] : ['A link that loses most packets on the way to the server looks alike.'];
  }

  /**
   * Ignored data tells a full queue from TCP_DEFER_ACCEPT, which waits for data; so does a second repeat. Data that need not be sent again
   * was taken: the SYN-ACK had only crossed it on its way.
   */
  private repeated(observation: Observation): void {
    const { flow, side, a, b: gap } = observation;
    const known = this.flows.of(flow, KNOWN);
    if ((known & BY_SYN) !== 0 && gap >= 0 && gap < SYN_ACK_TIMER) this.withdraw(observation);
    if (!this.context.connections.handshakeSeen(flow)) return;
    const hasData = this.context.connections.bytes(flow, otherSide(side)) > 0;
    if (!hasData) {
      if (a <= 3) this.add(observation, DEFERRED, 0);
    } else if ((known & (SENT_AGAIN | BY_SYN_ACK)) === SENT_AGAIN) this.add(observation, REPEATED, BY_SYN_ACK);
  }

  /** A listener that answers others while it lets this one's SYNs go by is there. */
  private noteOthers(flow: number): void {
    const server = serverOf(this.context, flow);
    if ((this.queues.of(server)?.heard ?? -1) < this.context.connections.started(flow)) return;
    this.flows.note(flow, this.flows.of(flow, KNOWN) | WHILE_OTHERS, KNOWN);
    this.signs.groups.get(server)?.tally(WHILE_ANSWERING);
  }

  /** Each of its SYNs is answered after all: none was dropped. */
  private withdraw({ flow }: Observation): void {
    const known = this.flows.of(flow, KNOWN) & ~BY_SYN;
    this.flows.note(flow, known & ~(SOON_AFTER | WHILE_OTHERS), KNOWN);
    const group = this.signs.groups.get(serverOf(this.context, flow));
    group?.tally(SILENT, -1);
    if ((known & WHILE_OTHERS) !== 0) group?.tally(WHILE_ANSWERING, -1);
    if ((known & DROPPED) !== 0) return;
    group?.tally(AFFECTED, -1);
    if ((known & SOON_AFTER) !== 0) group?.tally(IN_A_ROW, -1);
    group?.withdraw(this.context.connections.flowNumber(flow), this.flows.of(flow, SILENT_SYN));
    this.queues.takeBack(flow);
  }

  private add(observation: Observation, shape: number, by: number): void {
    const { flow } = observation;
    const known = this.flows.of(flow, KNOWN);
    const isFirst = by !== 0 && (known & DROPPED) === 0;
    if (isFirst) this.queues.drop(flow);
    this.flows.note(flow, known | by, KNOWN);
    const group = this.signs.add(serverOf(this.context, flow), observation);
    if (group === null) return;
    group.tally(shape);
    if (!isFirst) return;
    group.tally(AFFECTED);
    const atSyn = this.flows.of(flow, SERVED_BEFORE);
    const before = atSyn > 0 ? atSyn - 1 : this.servedBy(flow);
    const isFirstOfAll = group.at(AFFECTED) === 1;
    if (!isFirstOfAll && before - group.at(COMPLETED_AT_LAST) < NEXT_TO_NONE) {
      group.tally(IN_A_ROW);
      this.flows.note(flow, known | by | SOON_AFTER, KNOWN);
    }
    group.most(COMPLETED_AT_LAST, before);
    group.tallies[COMPLETED_BEFORE] = isFirstOfAll ? before : Math.min(group.at(COMPLETED_BEFORE), before);
  }

  /** The slot holds another flow now, or will: the end of an orderly one is not told. */
  private forget(flow: number): void {
    this.queues.end(flow);
    this.flows.note(flow, 0, KNOWN);
  }

  private servedBy(flow: number): number {
    return this.queues.of(serverOf(this.context, flow))?.completed ?? 0;
  }
}

/** One connection's SYNs went unanswered while all others waited for a program that had not said a word to anybody. */
function waitsInSight(group: Group, listener: Listener | undefined): boolean {
  return group.at(SILENT) === 1 && listener !== undefined && listener.answers === 0 && listener.unanswered >= 2;
}
