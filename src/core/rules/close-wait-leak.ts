import { Kind } from '../observations.ts';
import type { Confidence, Fact, Severity, Subject } from '../report/report.ts';
import { CloseWaitLedger } from './close-wait-ledger.ts';
import type { Place } from './close-wait-ledger.ts';
import { isWorthJudging, judgeCloseWait } from './close-wait-verdict.ts';
import type { CloseWaitEvidence } from './close-wait-verdict.ts';
import type { Explanation, Rule, RuleContext } from './rule.ts';
import { count, duration, nameOf, numberOf, partsOf, plural, seconds, textOf } from './words.ts';

const SECOND = 1e9;
/** Limits on open files that a leak runs into: the usual soft limit, a common service limit, the usual hard limit. */
const FILE_LIMITS = [1_024, 4_096, 65_535];
/** Stock from which on a leak is critical whatever its pace. */
const CRITICAL_STOCK = 1_000;
/** A leak that reaches 1,024 open files within this many seconds is critical. */
const CRITICAL_FORECAST = 600;

export const closeWaitLeak: Rule = {
  id: 'close-wait-leak',
  title: 'Connections pile up in CLOSE_WAIT: the program never closes them',
  summary: "An end has acknowledged its peer's FIN and never sends its own, for connection after connection.",
  severities: ['critical', 'high', 'medium', 'low', 'info'],
  references: ['RFC 9293 §3.6', 'RFC 9293 §3.6.1', 'RFC 1122 §4.2.2.13'],
  aliases: ['close_wait', 'close-wait', 'half-closed leak', 'socket leak', 'fd leak', 'S2', 'S3'],
  underFaults:
    'Duplicates are left out before. A FIN that the capture missed is inferred from the acknowledgment of it; with loss the confidence falls. ' +
    'Connections captured in one direction are not judged. Those that are open when the capture ends count as watched until then, not as leaked.',
  options: {
    minimum: { default: 5, unit: 'connections', meaning: 'fewer open ones than this are not judged' },
    policy: { default: 60, unit: 'seconds', meaning: 'a mean hold beyond this is a leak: FIN_WAIT_2 (Linux) and conntrack CLOSE_WAIT end there' },
    settling: { default: 2, unit: 'seconds', meaning: 'younger ones are not counted as open, since their FIN may be on its way; less where the end is known to close within far less' },
    slow: { default: 1, unit: 'seconds', meaning: 'a median hold from this on is reported as a slow close' },
  },
  watches: [Kind.HALF_CLOSED, Kind.DATA_IN_CLOSE_WAIT, Kind.CLOSE_WAIT_LEFT, Kind.MET_NO_SOCKET, Kind.FLOW_ENDED],
  skipsOrderly: true,
  examples: {
    flagged: [
      {
        title: 'forty requests answered, none closed',
        conversation: `
          S = 198.51.100.1:8080
          repeat 40 every 0.5 {
            C# > S  SYN
            S > C#  SYN ACK
            C# > S  ACK
            C# > S  PSH ACK 120
            S > C#  PSH ACK 300
            C# > S  ACK
            C# > S  FIN ACK
            +0.04 S > C#  ACK            # and nothing after
          }`,
      },
    ],
    clean: [
      {
        title: 'the server takes 1.5 s to close, but does',
        conversation: `
          repeat 40 every 0.1 {
            C# > S  SYN
            S > C#  SYN ACK
            C# > S  ACK
            C# > S  FIN ACK
            +0.04 S > C#  ACK
            +1.5 S > C#  FIN ACK
            C# > S  ACK
          }`,
      },
      {
        title: 'half-closed on purpose: the server goes on sending',
        conversation: `
          repeat 12 every 0.01 {
            C# > S  SYN
            S > C#  SYN ACK
            C# > S  ACK
            C# > S  PSH ACK 80
            C# > S  FIN ACK
            +0.04 S > C#  ACK
            +0.5 S > C#  PSH ACK 1000
            C# > S  ACK
            +0.5 S > C#  PSH ACK 1000
            C# > S  ACK
          }`,
      },
      {
        title: 'a crowd closes, and the capture ends before the server can',
        conversation: `
          repeat 200 every 0.005 {
            C# > S  SYN
            S > C#  SYN ACK
            C# > S  ACK
            C# > S  FIN ACK
            S > C#  ACK
          }`,
      },
    ],
  },
  start(context) {
    const ledger = new CloseWaitLedger(context.connections, context.capture, {
      policy: context.option('policy') * SECOND,
    });
    return {
      state: ledger,
      observe: (observation) => ledger.observe(observation),
      finish() {
        ledger.finish();
        for (const place of ledger.places.values()) reportPlace(place, context, ledger.beyond);
      },
    };
  },
  explain,
};

function reportPlace(place: Place, context: RuleContext, beyond: number): void {
  const now = context.connections.now();
  const limits = {
    minimum: context.option('minimum'),
    policy: context.option('policy'),
    slow: context.option('slow'),
    settling: context.option('settling'),
  };
  if (!isWorthJudging(place, limits)) return;
  const evidence = judgeCloseWait(place, now, limits);
  if (evidence.verdict === 'none') return;
  const forecast = forecastOf(place, evidence);
  const confidence = confidenceOf(place, evidence, limits.minimum);
  const isSlow = evidence.verdict === 'slow close';
  context.report({
    severity: severityOf(place, evidence, confidence, forecast, limits.minimum, limits.policy),
    confidence,
    subject: place.subject,
    first: isSlow || place.firstOpen < 0 ? place.first : place.firstOpen,
    last: now,
    count: isSlow ? place.ended.total : place.open,
    flows: [...place.flows],
    packets: [...place.packets],
    moreFlows: place.open - place.flows.length,
    morePackets: place.open - place.packets.length,
    facts: factsOf(place, evidence, forecast, context),
    doubts: doubtsOf(place, evidence, limits, beyond),
  });
}

function confidenceOf(place: Place, evidence: CloseWaitEvidence, minimum: number): Confidence {
  if (evidence.verdict === 'leak') return place.openOlderThanPolicy >= minimum || evidence.speaksFor.includes('proofs') ? 'high' : 'medium';
  return evidence.verdict === 'slow close' ? 'high' : 'medium';
}

function severityOf(
  place: Place,
  evidence: CloseWaitEvidence,
  confidence: Confidence,
  forecast: { [limit: string]: Fact },
  minimum: number,
  policy: number,
): Severity {
  if (evidence.verdict === 'slow close' || evidence.verdict === 'insufficient observation') return 'info';
  if (evidence.verdict === 'suspected') {
    // Watched for a good part of the policy, or an end that has not closed a single one.
    const isWatched = place.oldest >= (policy / 2) * SECOND || (place.ended.total === 0 && place.oldest >= (policy / 6) * SECOND);
    return place.openOlderThanPolicy >= minimum || isWatched ? 'medium' : 'low';
  }
  const soon = numberOf(forecast, '1024');
  if (place.open >= CRITICAL_STOCK || (confidence === 'high' && soon > 0 && soon < CRITICAL_FORECAST)) return 'critical';
  // A client's pool that drops dead connections at their next use looks the same while it is small.
  return place.isServer || place.open >= 100 || evidence.speaksFor.includes('proofs') ? 'high' : 'medium';
}

/** Seconds from the capture's end to each limit on open files, at the present pace; limits already passed are 0. */
function forecastOf(place: Place, evidence: CloseWaitEvidence): { [limit: string]: Fact } {
  if (evidence.growth < 3 || evidence.perSecond <= 0) return {};
  return Object.fromEntries(
    FILE_LIMITS.map((limit) => [String(limit), Math.max(0, Math.round((limit - place.open) / evidence.perSecond))]),
  );
}

function causeOf(place: Place): string {
  const most = 0.8 * place.open;
  if (place.neverReplied >= most) return 'never replied';
  if (place.replied < most) return 'mixed';
  const openMean = place.repliedBytesOpen / place.replied;
  const endedMean = place.ended.total > 0 ? place.repliedBytesEnded / place.ended.total : 0;
  return endedMean > 0 && openMean < endedMean / 4 ? 'short replies only' : 'replied, then silent';
}

function factsOf(place: Place, evidence: CloseWaitEvidence, forecast: { [limit: string]: Fact }, context: RuleContext): { [name: string]: Fact } {
  const { connections } = context;
  const [peer, most] = [...place.openPeers].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [-1, 0]);
  return {
    verdict: evidence.verdict,
    end: place.isServer ? 'server' : 'client',
    server: place.server,
    example_client: place.client,
    open: place.open,
    closed: place.ended.total,
    oldest_open_seconds: seconds(place.oldest),
    median_open_seconds: seconds(place.watched.quantile(0.5)),
    median_hold_seconds: place.ended.total > 0 ? seconds(place.ended.quantile(0.5)) : null,
    p95_hold_seconds: place.ended.total > 0 ? seconds(place.ended.quantile(0.95)) : null,
    watched_until_seconds: seconds(connections.now()),
    watched_seconds_in_all: seconds(place.exposure),
    mean_hold_at_least_seconds: Number(evidence.meanHoldAtLeast.toPrecision(4)),
    policy_seconds: context.option('policy'),
    growth_score: Number(evidence.growth.toFixed(2)),
    growth_per_second: Number(evidence.perSecond.toPrecision(3)),
    still_waiting_share: evidence.stillWaiting === null ? null : Number(evidence.stillWaiting.toFixed(4)),
    never_closes: plateauFact(evidence),
    late_fins_met_no_socket: place.proofs,
    speaks_for_leak: evidence.speaksFor,
    still_sending: place.streaming,
    cause: place.open > 0 ? causeOf(place) : null,
    never_replied: place.neverReplied,
    replied_then_silent: place.replied,
    peers: place.openPeers.size,
    busiest_peer: most > 0 ? { host: connections.nameOfHost(peer), open: most } : null,
    seconds_until_open_files: forecast,
    extra_capture_seconds: Math.ceil(evidence.extraSeconds),
  };
}

function plateauFact(evidence: CloseWaitEvidence): Fact {
  const { plateau } = evidence;
  if (plateau === null) return null;
  return {
    share: Number(plateau.never.toFixed(4)),
    p_value: Number(plateau.pValue.toPrecision(3)),
    follow_up_doubt: Number(plateau.followUpDoubt.toPrecision(3)),
  };
}

function doubtsOf(place: Place, evidence: CloseWaitEvidence, limits: { minimum: number; policy: number }, beyond: number): string[] {
  const doubts: string[] = [];
  if (evidence.verdict === 'slow close') return doubts;
  if (place.openOlderThanPolicy < limits.minimum) {
    doubts.push(
      `Fewer than ${limits.minimum} of them were watched for ${duration(limits.policy)} (the oldest: ${duration(place.oldest / SECOND)}): ` +
        'a program that closes later than that looks the same so far.',
    );
  }
  if (!place.isServer) doubts.push("A client's connection pool may keep connections that the server closed until it next needs one.");
  if (beyond > 0) doubts.push(`${plural(beyond, 'half-closed connection')} at further endpoints ${beyond === 1 ? 'was' : 'were'} not followed.`);
  return doubts;
}

function explain(facts: { readonly [name: string]: Fact }, subject: Subject): Explanation {
  const name = nameOf(subject);
  const open = numberOf(facts, 'open');
  const verdict = textOf(facts, 'verdict');
  const isServer = facts['end'] === 'server';
  const { port } = partsOf(textOf(facts, 'server'));
  const filter = isServer ? `sport = :${port}` : `dport = :${port}`;
  if (verdict === 'slow close') {
    return {
      title: 'Slow to close after the peer has closed',
      explanation:
        `${name} closes its connections, but half of them only ${duration(numberOf(facts, 'median_hold_seconds'))} after the peer did ` +
        `(95 %: within ${duration(numberOf(facts, 'p95_hold_seconds'))}). This is no leak: the stock levels off. ` +
        'Each of them holds a socket and a descriptor meanwhile.',
      advice: [`ss -tano state close-wait '( ${filter} )'`],
    };
  }
  if (verdict === 'insufficient observation') {
    return {
      title: 'Connections in CLOSE_WAIT, watched too briefly to judge',
      explanation:
        `${plural(open, 'connection')} of ${name} stood in CLOSE_WAIT when the view of them ended, the oldest for ` +
        `${duration(numberOf(facts, 'oldest_open_seconds'))}. That is too short a watch to tell a leak from a slow close.`,
      advice: [
        `Capture at least ${duration(Math.max(1, numberOf(facts, 'extra_capture_seconds')))} longer.`,
        `ss -tano state close-wait '( ${filter} )'`,
      ],
    };
  }
  const sure = verdict === 'leak' ? 'are' : 'may be';
  const forecast = facts['seconds_until_open_files'];
  const until = typeof forecast === 'object' && forecast !== null && !Array.isArray(forecast) ? numberOf(forecast, '1024') : 0;
  return {
    ...(verdict === 'leak' ? {} : { title: 'Connections in CLOSE_WAIT: perhaps never closed' }),
    explanation:
      `The peers of ${name} have closed ${plural(open, 'connection')} whose FIN it acknowledged but never answered with its own; ` +
      `${closedOthers(numberOf(facts, 'closed'))}. The oldest has waited ${duration(numberOf(facts, 'oldest_open_seconds'))}; ` +
      `the mean hold is at least ${duration(numberOf(facts, 'mean_hold_at_least_seconds'))} (95 % bound). They ${sure} never closed by the program: ` +
      `the kernel waits for its close(). ${causeWords(textOf(facts, 'cause'))} Each${textOf(facts, 'cause') === 'never replied' ? ' that was accepted' : ''} holds a descriptor until the process ends` +
      `${until > 0 ? `; at this pace 1,024 are open in ${duration(until)}` : ''}, then new connections fail.`,
    advice: [
      `ss -tanp state close-wait '( ${filter} )'`,
      "ls /proc/PID/fd | wc -l; grep 'open files' /proc/PID/limits",
      `synoptic states CAPTURE --at +${numberOf(facts, 'watched_until_seconds')}s --host ${partsOf(textOf(facts, isServer ? 'server' : 'example_client')).host}`,
      'Look for the path in which the program reads end-of-file (a read of 0 bytes) and does not close.',
    ],
  };
}

function causeWords(cause: string): string {
  switch (cause) {
    case 'never replied':
      return 'It never sent a byte on them: they were not accepted or never read (a full queue, starved threads).';
    case 'replied, then silent':
      return 'It had answered on them: the close is missing after a reply was sent.';
    case 'short replies only':
      return 'It had answered with far shorter replies than on those it closed: look at the error path.';
    default:
      return 'On some it had answered, on others not.';
  }
}

function closedOthers(closed: number): string {
  if (closed === 0) return 'it closed no others';
  return closed === 1 ? 'it closed one other' : `it closed ${count(closed)} others`;
}
