import { FastOpenStep, Kind } from '../observations.ts';
import type { Observation } from '../observations.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { SlotNumbers } from './slot-numbers.ts';
import { countOf, filterOf, numberOf, plural, textOf } from './words.ts';

/** Tallies: one a step (FastOpenStep, 1 to 5), then of SYNs with data, and of those that ask for a cookie, that only a later plain SYN got an answer for. */
const DATA_LOST = 6;
const ASKING_LOST = 7;
/** What is kept of a flow until its SYN-ACK: how it began, and whether its SYN went out again. */
const ASKS = 1;
const ASKS_AGAIN = 2;
const FELL_BACK = 3;
/** Chance loses that many SYNs of one kind, and few of the other, seldom. */
const BLACK_HOLE_FROM = 2;
const SURELY_FROM = 3;

export const tfo: Rule = {
  id: 'tfo',
  title: 'TCP Fast Open in use',
  summary: 'Clients and a server use TCP Fast Open: cookies are asked for, given and used; or SYNs that carry it are dropped on the way.',
  severities: ['medium', 'low', 'info'],
  references: ['RFC 7413', 'RFC 7413 §4.1.3.1', 'RFC 7413 §7.1'],
  aliases: ['fast open', 'tcp fast open', 'fast open black hole', 'tfo_ignored', '3whs_synack_tfo_data_ignored', 'tfo_syn', 'tfo_ack'],
  underFaults: 'Only what was captured counts. A SYN that was lost by chance goes out again without Fast Open, too: a black hole is told from two on, where most of that kind are lost.',
  options: {},
  watches: [Kind.FAST_OPEN],
  afterwards: [Kind.SYN_REPEATED, Kind.SYN_ACK, Kind.FLOW_ENDED],
  examples: {
    flagged: [
      { title: 'data in the SYN, accepted', conversation: 'C > S SYN 60 cookie=8; S > C SYN ACK; C > S ACK' },
      {
        title: 'three SYNs with data get no answer, and plain ones do',
        conversation: 'repeat 3 every 5 { C:# > S SYN 60 cookie=8; +1 C:# > S SYN seq=1000; S > C:# SYN ACK ack=1001; C:# > S PSH ACK 60 seq=1001 }',
      },
    ],
    clean: [
      { title: 'a plain handshake', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK' },
      { title: 'data in the SYN without a cookie', conversation: 'C > S SYN 60; S > C SYN ACK ack=1001; C > S ACK' },
    ],
  },
  start: (context) => new FastOpen(context),
  explain(facts) {
    const server = textOf(facts, 'server');
    const [accepted, ignored] = [numberOf(facts, 'data_accepted'), numberOf(facts, 'data_ignored')];
    const lost = numberOf(facts, 'data_black_holed') + numberOf(facts, 'requests_black_holed');
    return {
      ...(facts['black_hole'] === true && { title: 'SYNs with TCP Fast Open are dropped' }),
      explanation:
        `Clients of ${server} use TCP Fast Open: ${plural(numberOf(facts, 'cookies_asked'), 'cookie')} asked for, ${countOf(facts, 'cookies_given')} given; ` +
        `data in the SYN was accepted ${plural(accepted, 'time')} and ignored ${plural(ignored, 'time')}. ` +
        (lost > 0 ? `${plural(lost, 'SYN')} with the option got no answer, and a plain one of the same connection did, a second or more later. ` : '') +
        (facts['black_hole'] === true
          ? 'Something on the way, mostly a firewall, drops SYNs that carry data or the option. Each such connection waits for a timeout before it begins.'
          : 'Accepted data saves one round trip; ignored data is sent again. An application must stand a request that arrives twice.'),
      advice: [
        'sysctl net.ipv4.tcp_fastopen net.ipv4.tcp_fastopen_blackhole_timeout_sec',
        'nstat -az TcpExtTCPFastOpenActive TcpExtTCPFastOpenActiveFail TcpExtTCPFastOpenPassive TcpExtTCPFastOpenPassiveFail TcpExtTCPFastOpenBlackhole',
        ...(lost > 0 ? [`tcpdump -ni any ${filterOf(server, ' and tcp[tcpflags] & tcp-syn != 0')}   # on the server: do the SYNs with data arrive?`] : []),
      ],
    };
  },
};

class FastOpen implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly uses: Occurrences;
  private readonly stages = new SlotNumbers();

  constructor(context: RuleContext) {
    this.context = context;
    this.uses = new Occurrences(context);
  }

  observe(observation: Observation): void {
    const { kind, flow } = observation;
    if (kind === Kind.FAST_OPEN) this.use(observation);
    else if (kind === Kind.FLOW_ENDED) this.stages.note(flow, 0);
    else if (kind === Kind.SYN_REPEATED) {
      if (this.stages.of(flow) === ASKS) this.stages.note(flow, ASKS_AGAIN);
    } else if (this.stages.of(flow) !== 0) {
      const stage = this.stages.of(flow);
      if (stage !== ASKS) this.uses.groups.get(serverOf(this.context, flow))?.tally(stage === FELL_BACK ? DATA_LOST : ASKING_LOST);
      this.stages.note(flow, 0);
    }
  }

  finish(): void {
    reportGroups(this.uses.groups.values(), this.context, (group) => {
      const [accepted, ignored, dataLost, askingLost] = [FastOpenStep.ACCEPTED, FastOpenStep.IGNORED, DATA_LOST, ASKING_LOST].map((tally) => group.at(tally));
      const lost = Math.max(dataLost > accepted + ignored ? dataLost : 0, askingLost > group.at(FastOpenStep.GIVEN) ? askingLost : 0);
      const isBlackHole = lost >= BLACK_HOLE_FROM;
      return {
        // A server that gave cookies and then ignores most of the data makes Fast Open a loss.
        severity: lost >= SURELY_FROM ? 'medium' : isBlackHole || (ignored >= 5 && ignored > accepted) ? 'low' : 'info',
        confidence: isBlackHole && lost < SURELY_FROM ? 'medium' : 'high',
        facts: {
          cookies_asked: group.at(FastOpenStep.ASKED),
          cookies_given: group.at(FastOpenStep.GIVEN),
          data_accepted: accepted,
          data_ignored: ignored,
          data_black_holed: dataLost,
          requests_black_holed: askingLost,
          black_hole: isBlackHole,
        },
        doubts: isBlackHole ? ['A round trip longer than the first timeout, or heavy loss, looks alike.'] : [],
      };
    });
  }

  private use(observation: Observation): void {
    const { flow, a } = observation;
    // The data that a plain SYN left out were not ignored.
    if (a === FastOpenStep.IGNORED && this.stages.of(flow) === FELL_BACK) return;
    const group = this.uses.add(serverOf(this.context, flow), observation);
    group?.tally(a);
    if (a === FastOpenStep.ASKED) this.stages.note(flow, ASKS);
    else if (a === FastOpenStep.DROPPED) this.stages.note(flow, FELL_BACK);
  }
}
