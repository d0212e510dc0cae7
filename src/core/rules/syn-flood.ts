import { Kind, otherSide, RESET_FORMS } from '../observations.ts';
import type { Observation, Side } from '../observations.ts';
import type { Fact, Severity } from '../report/report.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { Count, COUNTS, FloodListener, secondOf } from './syn-flood-listener.ts';
import type { FloodLimits } from './syn-flood-listener.ts';
import { explain } from './syn-flood-words.ts';
import { floodOf } from './wider-causes.ts';
import { nameOf, plural } from './words.ts';

/** Attempts after which a listener is watched by the second; fewer cannot be a flood. */
const WATCHED_FROM = 20;
/** Listeners counted at all, and watched by the second. A scan of a whole network must not fill the memory. */
const MOST_LISTENERS = 262_144;
const MOST_WATCHED = 10_000;
/** Stacks retry an unanswered SYN after 1 s (RFC 6298), old ones after 3: a watch longer than this leaves no doubt. */
const LONG_WATCH = 3.5e9;
/** Attempts a second beyond which a silent server does not explain them. */
const BEYOND_DOUBT = 1_000;
/** Share of attempts shown to be unfinished by what was sent again or reset, from which on a capture of SYNs alone proves a flood. */
const SHOWN_SHARE = 0.2;
/** Share of sources that no host can have, from which on they are forged: one in eight of all IPv4 addresses is such, and a few may be damaged or misconfigured. */
const IMPOSSIBLE_SHARE = 0.05;
const LEAST_SAMPLED = 50;
const NO_SOCKET = RESET_FORMS.indexOf('no-socket');

const FILTERED = 'Nothing but SYNs and what answers or ends them was captured, as by a filter for SYN, FIN or RST. A capture of all segments of this port settles it.';

/** A listener from its first attempts on. */
interface Listener {
  endpoint: number;
  attempts: number;
  /** Counters of the latest second: the first of a watched listener's ring. */
  second: number;
  inSecond: Int32Array;
  completed: number;
  watched: FloodListener | null;
  first: number;
  last: number;
}

export const synFlood: Rule = {
  id: 'syn-flood',
  title: 'SYN flood',
  summary: 'A listener gets far more connection attempts than are ever completed, and not because it is dead or filtered.',
  severities: ['critical', 'high', 'medium', 'low'],
  references: ['RFC 4987', 'RFC 9293 §3.10.7.2'],
  aliases: ['synflood', 'half-open flood', 'neptune', 'backlog exhaustion', 'syn_flood', '3whs_syn_flood'],
  underFaults:
    'Duplicates are left out before. Where the server is not captured, attempts whose client went on count as answered. ' +
    'Where a filter left in nothing but SYNs (FINs, RSTs), no handshake can be seen to complete: then it is low, unless SYN-ACKs or SYNs sent again, the RSTs of clients that know of nothing, ' +
    'SYNs as no stack makes them, or from addresses that no host can have, prove it. ' +
    'A capture that begins within the flood has no baseline: then less than a fifth completed is required.',
  options: {
    minimum: { default: 50, unit: 'attempts', meaning: 'in a second, or in ten' },
    burst: { default: 5, unit: 'times', meaning: "the listener's usual busiest second, that the attempts must pass" },
    completion: { default: 0.2, unit: 'share', meaning: 'of attempts completed, below which it is a flood where no baseline is known' },
  },
  watches: [
    Kind.SYN,
    Kind.SYN_CHANGED,
    Kind.SYN_REPEATED,
    Kind.SYN_ACK,
    Kind.SYN_ACK_REPEATED,
    Kind.HANDSHAKE_COMPLETED,
    Kind.HANDSHAKE_ABORTED,
    Kind.REFUSED,
    Kind.FLOW_ENDED,
  ],
  skipsOrderly: true,
  examples: {
    flagged: [
      {
        title: 'spoofed sources: SYN-ACKs go unanswered',
        conversation: `
          repeat 600 every 0.005 {
            C# > S  SYN
            S > C#  SYN ACK
            +1 S > C# SYN ACK again
          }`,
      },
      {
        title: 'one real source, whose kernel resets each SYN-ACK',
        conversation: `
          repeat 300 every 0.005 {
            C:# > S  SYN
            S > C:#  SYN ACK
            C:# > S  RST
          }`,
      },
    ],
    clean: [
      {
        title: 'a flash crowd: as many attempts, all completed',
        conversation: `
          repeat 600 every 0.005 {
            C# > S  SYN
            S > C#  SYN ACK
            C# > S  ACK
            C# > S  PSH ACK 90
            S > C#  ACK
          }`,
      },
      {
        title: 'a filtered port: nothing answers, and the clients retry as real stacks do',
        conversation: `
          repeat 120 every 0.02 {
            C# > S  SYN
            +1 C# > S  SYN again
            +2 C# > S  SYN again
          }`,
      },
    ],
  },
  start: (context) => new SynFlood(context),
  explains: ({ subject, facts }) => (facts['unfinished_proved'] === true ? floodOf(nameOf(subject)) : ''),
  explain,
};

class SynFlood implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly limits: FloodLimits;
  private readonly listeners = new Map<number, Listener>();
  private watched = 0;
  private beyond = 0;

  constructor(context: RuleContext) {
    this.context = context;
    this.limits = { minimum: context.option('minimum'), burst: context.option('burst'), completion: context.option('completion') };
  }

  observe(observation: Observation): void {
    const { kind, time, a, b } = observation;
    switch (kind) {
      case Kind.SYN:
      case Kind.SYN_CHANGED:
        this.attempt(observation);
        break;
      case Kind.SYN_REPEATED:
        if (a === 2) this.count(observation, 1, Count.RETRIED, time - b);
        break;
      case Kind.SYN_ACK:
        if (b >= 0) this.count(observation, 0, Count.ANSWERED, time - b);
        break;
      case Kind.SYN_ACK_REPEATED:
        if (a === 2) this.count(observation, 0, Count.SYN_ACK_RETRIES, time);
        break;
      case Kind.HANDSHAKE_COMPLETED:
        if (b >= 0) this.count(observation, 1, Count.COMPLETED, time - a - b);
        break;
      case Kind.HANDSHAKE_ABORTED:
        this.count(observation, 1, Count.ABORTED, time - a);
        if (b === NO_SOCKET) this.count(observation, 1, Count.DISOWNED, time - a);
        break;
      case Kind.REFUSED:
        this.count(observation, 0, Count.REFUSED, time - a);
        break;
      default:
        this.ended(observation.flow);
    }
  }

  finish(): void {
    for (const listener of this.listeners.values()) {
      if (listener.watched === null) continue;
      listener.watched.finish(secondOf(this.context.connections.now()));
      if (listener.watched.floodSeconds > 0) this.judge(listener, listener.watched);
    }
  }

  private attempt(observation: Observation): void {
    const { connections } = this.context;
    const { flow, side, time } = observation;
    const second = secondOf(time);
    const listener = this.listenerOf(flow, side, true);
    if (listener === undefined) return;
    listener.attempts += 1;
    listener.last = time;
    if (listener.watched !== null) {
      listener.watched.attempt(second, observation.packet, connections.flowNumber(flow));
      listener.watched.source(connections.hostIndex(flow, side), connections.ttl(flow, side), connections.mss(flow, side));
      return;
    }
    if (listener.second !== second) {
      listener.second = second;
      listener.inSecond.fill(0);
    }
    listener.inSecond[Count.ATTEMPTS] += 1;
    if (listener.attempts >= WATCHED_FROM && this.watched < MOST_WATCHED) this.watch(listener, second);
  }

  /** From now on by the second: what came before this second is baseline, as far as it completed. */
  private watch(listener: Listener, second: number): void {
    const watched = new FloodListener(second, this.limits);
    watched.begin(second, listener.inSecond);
    watched.baseline[Count.ATTEMPTS] = listener.attempts - listener.inSecond[Count.ATTEMPTS];
    watched.baseline[Count.COMPLETED] = listener.completed - listener.inSecond[Count.COMPLETED];
    listener.watched = watched;
    this.watched += 1;
  }

  /** `fromListener` is 0 when the observation's side is the listener, 1 when it is the client. */
  private count(observation: Observation, fromListener: 0 | 1, counter: Count, time: number): void {
    const client = fromListener === 1 ? observation.side : otherSide(observation.side);
    const listener = this.listenerOf(observation.flow, client, false);
    if (listener === undefined) return;
    const second = secondOf(time);
    if (counter === Count.COMPLETED) listener.completed += 1;
    if (listener.watched !== null) listener.watched.count(counter, second);
    else if (second === listener.second) listener.inSecond[counter] += 1;
  }

  /** The client of a one-way capture shows by going on that it was answered. */
  private ended(flow: number): void {
    const { connections } = this.context;
    if (!connections.oneWay(flow)) return;
    const client = connections.client(flow);
    if (connections.bytes(flow, client) === 0 && connections.packets(flow, client) < 3) return;
    const watched = this.listenerOf(flow, client, false)?.watched;
    if (watched !== null && watched !== undefined) watched.wentOnUnseen += 1;
  }

  private listenerOf(flow: number, client: Side, create: boolean): Listener | undefined {
    const { connections } = this.context;
    const endpoint = connections.endpointIndex(flow, otherSide(client));
    const known = this.listeners.get(endpoint);
    if (known !== undefined || !create) return known;
    if (this.listeners.size >= MOST_LISTENERS) {
      this.beyond += 1;
      return undefined;
    }
    const time = connections.now();
    const listener: Listener = {
      endpoint,
      attempts: 0,
      second: -1,
      inSecond: new Int32Array(COUNTS),
      completed: 0,
      watched: null,
      first: time,
      last: time,
    };
    this.listeners.set(endpoint, listener);
    return listener;
  }

  private judge(listener: Listener, watched: FloodListener): void {
    const { connections } = this.context;
    const { flood, flows, packets } = watched;
    const attempts = flood[Count.ATTEMPTS];
    const answeredShare = flood[Count.ANSWERED] / attempts;
    const abortedShare = flood[Count.ABORTED] / attempts;
    const unanswered = Math.max(1, attempts - (answeredShare < 0.5 ? flood[Count.ANSWERED] : 0));
    const retryShare = flood[Count.RETRIED] / unanswered;
    // Only attempts that a retry could have followed within the capture tell whether the clients are real.
    const couldRetry = attempts - watched.recentAttempts;
    const noRetries = couldRetry >= this.limits.minimum && flood[Count.RETRIED] < 0.05 * couldRetry;
    const watchedLong = connections.now() - watched.firstSecond * 1e9 >= LONG_WATCH;
    const isSilent = answeredShare < 0.05;
    // A silent server is dead, filtered or not captured, unless the clients behave like no real stack.
    if (isSilent && (watched.wentOnUnseen > attempts / 2 || !(noRetries || watched.peakPerSecond >= BEYOND_DOUBT))) return;
    // Health checks that reset each SYN-ACK hold nothing open and come at a modest pace.
    if (abortedShare > 0.9 && watched.peakPerSecond < this.limits.minimum) return;
    const completion = watched.baselineCompletion();
    const during = flood[Count.COMPLETED] / attempts;
    const isProved = this.isProved(watched);
    // A real host resets SYN-ACKs that its kernel did not ask for, and what left only SYNs in hides that: nothing shows that they stay half-open.
    const mayReset = this.context.capture.ordinarySegments() === 0 && watched.mainSource() >= 0 && flood[Count.SYN_ACK_RETRIES] === 0;
    this.context.report({
      severity: !isProved ? 'low' : mayReset ? 'medium' : severityOf(watched, abortedShare),
      confidence: !isProved ? 'low' : isSilent && !noRetries ? 'medium' : 'high',
      subject: { kind: 'endpoint', endpoint: connections.nameOfEndpoint(listener.endpoint) },
      first: Math.max(watched.firstSecond * 1e9, listener.first),
      last: Math.min(watched.lastSecond * 1e9 + 1e9, listener.last),
      count: attempts,
      flows,
      packets,
      moreFlows: Math.max(0, attempts - flows.length),
      morePackets: Math.max(0, attempts - packets.length),
      facts: {
        attempts,
        unfinished_proved: isProved,
        completed: flood[Count.COMPLETED],
        completed_share: Number(during.toFixed(4)),
        baseline_completed_share: completion === null ? null : Number(completion.toFixed(4)),
        flood_seconds: watched.floodSeconds,
        peak_per_second: watched.peakPerSecond,
        half_open_at_most: watched.halfOpenAtMost,
        answered: flood[Count.ANSWERED],
        reset_by_client: flood[Count.ABORTED],
        retried_share: Number(retryShare.toFixed(4)),
        syn_ack_retries: flood[Count.SYN_ACK_RETRIES],
        syn_cookies_likely: cookiesLikely(flood, watchedLong),
        ...this.sourceFacts(watched, noRetries, isProved),
      },
      doubts: isProved ? this.doubts(isSilent, noRetries, watchedLong) : [FILTERED],
    });
  }

  /**
   * Is it certain that the attempts were not completed? In a capture that can show it; else by what an end does only then, or by SYNs that no
   * stack sends which means to go on.
   */
  private isProved(watched: FloodListener): boolean {
    const { capture } = this.context;
    if (capture.ordinarySegments() > 0) return true;
    const { flood } = watched;
    const shown = flood[Count.SYN_ACK_RETRIES] + flood[Count.RETRIED] + flood[Count.DISOWNED];
    // Frames that were cut short may have lost their options.
    return shown >= SHOWN_SHARE * flood[Count.ATTEMPTS] || (watched.shareWithoutMss() > 0.5 && capture.truncated() === 0) || this.areForged(watched);
  }

  /** Random addresses fall on some that are nobody's (RFC 6890: 0/8, 127/8; RFC 1112: 224/4 and 240/4). */
  private areForged({ sampledSources }: FloodListener): boolean {
    const { connections } = this.context;
    const impossible = sampledSources.filter((host) => isImpossible(connections.nameOfHost(host))).length;
    return sampledSources.length >= LEAST_SAMPLED && impossible >= IMPOSSIBLE_SHARE * sampledSources.length;
  }

  private sourceFacts(watched: FloodListener, noRetries: boolean, isProved: boolean): { [name: string]: Fact } {
    const entropy = watched.sourceEntropy();
    const main = watched.mainSource();
    const sources = watched.sourceCount();
    const { ttl, share } = watched.mainTtl();
    // Many addresses at one distance from the capture, none of which retries, are one sender.
    const isSpoofed = isProved && main < 0 && entropy > 0.9 && (noRetries || share > 0.95);
    return {
      sources: Number.isFinite(sources) ? sources : null,
      source_entropy: Number(entropy.toFixed(3)),
      main_source: main < 0 ? null : this.context.connections.nameOfHost(main),
      main_ttl: ttl,
      main_ttl_share: Number(share.toFixed(3)),
      source_kind: isSpoofed ? 'spoofed' : main >= 0 ? 'one source' : 'many sources',
    };
  }

  private doubts(isSilent: boolean, noRetries: boolean, watchedLong: boolean): string[] {
    const doubts: string[] = [];
    if (isSilent) doubts.push('The capture shows no answer of the server: it may answer on another path, or be down as well.');
    if (!watchedLong) doubts.push('The capture is too short to see whether all clients retry, as real ones do after one to three seconds.');
    else if (!noRetries) doubts.push('Some attempts were retried, as real clients do: part of them may be an overload.');
    if (this.beyond > 0) doubts.push(`${plural(this.beyond, 'attempt')} at further listeners ${this.beyond === 1 ? 'was' : 'were'} not followed.`);
    return doubts;
  }
}

function severityOf(watched: FloodListener, abortedShare: number): Severity {
  const completion = watched.baselineCompletion();
  const during = watched.flood[Count.COMPLETED] / watched.flood[Count.ATTEMPTS];
  if (abortedShare > 0.9) return 'medium';
  // 4096 is the usual largest backlog; a listener that stopped serving others is down.
  const starved = completion !== null && completion > 0.5 && during < 0.01 && watched.floodSeconds >= 3;
  return watched.halfOpenAtMost >= 4_096 || starved ? 'critical' : 'high';
}

/** No host can send from this IPv4 address; of IPv6 addresses nothing is said. */
function isImpossible(address: string): boolean {
  const first = Number(/^(\d+)\./.exec(address)?.[1] ?? 1);
  return first === 0 || first === 127 || first >= 224;
}

/** A server without cookies repeats each unanswered SYN-ACK after a second. */
function cookiesLikely(flood: Float64Array, watchedLong: boolean): boolean {
  const waiting = flood[Count.ANSWERED] - flood[Count.COMPLETED] - flood[Count.ABORTED];
  return watchedLong && waiting >= 50 && flood[Count.SYN_ACK_RETRIES] < 0.05 * waiting;
}
