import { CloseWaitExit, Kind } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group, Verdict } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { QuantileSketch } from './statistics/quantile-sketch.ts';
import { duration, numberOf, plural, seconds, textOf } from './words.ts';

/** Close gaps are kept for so many servers. */
const MOST_SKETCHES = 5_000;
const DATA = 0;
const BYTES = 1;

export const halfClose: Rule = {
  id: 'half-close',
  title: 'Half-closed connections in use',
  summary: "Data went on in one direction after the other had closed; and how long ends took from acknowledging the peer's FIN to their own.",
  severities: ['info'],
  references: ['RFC 9293 §3.6', 'RFC 1122 §4.2.2.13'],
  aliases: ['half close', 'shutdown', 'time to close', 'S2', 'S3', 'tcp.fin_passive', 'closed first'],
  underFaults: 'A FIN that the capture missed is inferred from its acknowledgment.',
  options: { gap: { default: 1, unit: 'seconds', meaning: 'a 95 % close gap from on this is remarked on even without data' } },
  watches: [Kind.DATA_IN_CLOSE_WAIT, Kind.CLOSE_WAIT_LEFT],
  examples: {
    flagged: [
      {
        title: 'the client ends its request with a FIN, and the server answers then',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          C > S PSH ACK 100
          C > S FIN ACK
          +0.04 S > C ACK
          S > C PSH ACK 1000
          C > S ACK
          S > C FIN ACK
          C > S ACK`,
      },
    ],
    clean: [{ title: 'both close at once', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK' }],
  },
  start: (context) => new HalfClose(context),
  explain(facts) {
    const isUsed = numberOf(facts, 'segments_after_peers_fin') > 0;
    return {
      ...(!isUsed && { title: 'Connections half-closed for long' }),
      explanation: `On connections of ${textOf(facts, 'server')}, ${isUsed ? dataWords(facts) : 'ends whose peer had closed were slow to close as well, and sent nothing meanwhile.'}${gapWords(facts)}`,
      advice: isUsed
        ? ['sysctl net.netfilter.nf_conntrack_tcp_timeout_close_wait net.netfilter.nf_conntrack_tcp_timeout_fin_wait']
        : ["ss -tno state close-wait   # on the end that closes last: what does its program wait for, when it reads the peer's end of file?"],
    };
  },
};

class HalfClose implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  /** Data sent to ends that had closed, and closes that took long, by server. */
  private readonly used: Occurrences;
  private readonly slow: Occurrences;
  /** How long all closes took. */
  private readonly gaps = new Map<number, QuantileSketch>();

  constructor(context: RuleContext) {
    this.context = context;
    this.used = new Occurrences(context);
    this.slow = new Occurrences(context);
  }

  observe(observation: Observation): void {
    const key = serverOf(this.context, observation.flow);
    if (observation.kind === Kind.DATA_IN_CLOSE_WAIT) {
      const group = this.used.add(key, observation);
      group?.tally(DATA);
      group?.tally(BYTES, observation.a);
      return;
    }
    // What a RST ends was not closed.
    if (observation.b === CloseWaitExit.OWN_RST || observation.b === CloseWaitExit.PEERS_RST) return;
    this.gapsOf(key)?.add(observation.a);
    if (observation.a >= this.gap()) this.slow.add(key, observation);
  }

  finish(): void {
    const { used, slow, gaps } = this;
    const late = [...slow.groups.values()].filter(({ key }) => !used.groups.has(key) && (gaps.get(key)?.quantile(0.95) ?? 0) >= this.gap());
    reportGroups([...used.groups.values(), ...late], this.context, (group) => this.judge(group));
  }

  private judge(group: Group): Verdict {
    const gaps = this.gaps.get(group.key);
    return {
      severity: 'info',
      confidence: 'high',
      count: group.flowCount(),
      facts: {
        segments_after_peers_fin: group.at(DATA),
        bytes_after_peers_fin: group.at(BYTES),
        closes: gaps?.total ?? 0,
        gap_median_seconds: gaps === undefined ? null : seconds(gaps.quantile(0.5)),
        gap_p95_seconds: gaps === undefined ? null : seconds(gaps.quantile(0.95)),
        gap_max_seconds: gaps === undefined ? null : seconds(gaps.max),
      },
    };
  }

  private gap(): number {
    return this.context.option('gap') * 1e9;
  }

  private gapsOf(server: number): QuantileSketch | undefined {
    let sketch = this.gaps.get(server);
    if (sketch === undefined && this.gaps.size < MOST_SKETCHES) this.gaps.set(server, (sketch = new QuantileSketch()));
    return sketch;
  }
}

function dataWords(facts: { readonly [name: string]: Fact }): string {
  return (
    `${plural(numberOf(facts, 'bytes_after_peers_fin'), 'byte was', 'bytes were')} sent to an end that had already sent its FIN: a half-close, legal and used on purpose by some protocols. ` +
    'Firewalls and NATs that forget half-closed connections early cut such exchanges off.'
  );
}

/** How long it took to close, as a sentence with the space before it; empty where nobody did. */
function gapWords(facts: { readonly [name: string]: Fact }): string {
  const closes = numberOf(facts, 'closes');
  if (closes === 0) return '';
  const longest = duration(numberOf(facts, 'gap_max_seconds'));
  const took = closes === 1 ? longest : `${duration(numberOf(facts, 'gap_median_seconds'))} in the middle, at most ${longest}`;
  return ` From the acknowledgment of a FIN to the answering FIN it took ${took}.`;
}
