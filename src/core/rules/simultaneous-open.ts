import { Kind } from '../observations.ts';
import type { Observation } from '../observations.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { SlotNumbers } from './slot-numbers.ts';
import { count, flagsByte, numberOf, partsOf, plural, textOf } from './words.ts';

/** Tallies: opened with one SYN-ACK, and with an ACK before the second SYN. */
const ONE_SYN_ACK = 0;
const ACK_FIRST = 1;
/** What is kept of a flow: the side of its later SYN, and one; and whether that end has sent a SYN-ACK, too. */
const BOTH_ANSWERED = 4;

export const simultaneousOpen: Rule = {
  id: 'simultaneous-open',
  title: 'Simultaneous or split open',
  summary: 'Both ends sent a SYN to each other and made one connection of it; in a split handshake one of them does so to answer a SYN.',
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.5 (figure 7)'],
  aliases: ['crossing syns', 'split handshake', 'sneak ack handshake', 'four-way handshake', '4whs', 'connection_originator_SYN_ack'],
  underFaults: 'Needs both directions. A SYN-ACK that the capture missed makes a simultaneous open look like one with a single SYN-ACK.',
  options: {},
  watches: [Kind.SIMULTANEOUS_OPEN],
  afterwards: [Kind.SYN_ACK, Kind.HANDSHAKE_COMPLETED, Kind.FLOW_ENDED],
  examples: {
    flagged: [
      { title: 'two SYNs cross', conversation: 'C > S SYN; S > C SYN; C > S SYN ACK seq=1000; S > C SYN ACK seq=5000; C > S ACK' },
      { title: 'split: the server acknowledges the SYN, then sends one of its own', conversation: 'C > S SYN; S > C ACK seq=4999; S > C SYN; C > S SYN ACK seq=1000; S > C ACK' },
    ],
    clean: [
      { title: 'a plain handshake', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK' },
      {
        title: 'a SYN that an older connection answers with its ACK',
        conversation: 'C > S SYN; S > C ACK seq=9000 ack=7000; C > S RST seq=7000; +1 C > S SYN again; S > C SYN ACK; C > S ACK',
      },
    ],
  },
  start: (context) => new SimultaneousOpen(context),
  explain(facts) {
    const [ends, oneSynAck, ackFirst] = [numberOf(facts, 'connections'), numberOf(facts, 'with_one_synack'), numberOf(facts, 'acknowledged_first')];
    const sentences = [
      `${plural(ends, 'connection')} between ${textOf(facts, 'example_client')} and ${textOf(facts, 'server')} opened with a SYN of each end.`,
      ackFirst > 0 &&
        `On ${count(ackFirst)} the end that was called acknowledged the SYN first, and then sent a SYN instead of a SYN-ACK: a split handshake. No common stack does that. ` +
          'Firewalls and intrusion detection may take the caller for the server then, and look for attacks in the wrong direction.',
      oneSynAck > ackFirst &&
        `On ${count(oneSynAck - ackFirst)} only one end sent a SYN-ACK: either the earlier SYN never arrived (programs that punch through NATs see that), or a server answers with a SYN to mislead firewalls (split handshake in four steps).`,
      ends > oneSynAck && 'SYNs that cross are legal and rare: programs that punch through NATs do it on purpose. Some firewalls block it.',
    ];
    return {
      ...(ackFirst > 0 && { title: 'Split handshake' }),
      explanation: sentences.filter((sentence) => sentence !== false).join(' '),
      advice: [`tcpdump -nr CAPTURE '${flagsByte(partsOf(textOf(facts, 'server')).host)} & 0x12 = 0x02'`, ...(ackFirst > 0 ? ['Does your firewall or IDS drop a SYN that answers a SYN? Look for "split handshake" in its settings.'] : [])],
    };
  },
};

class SimultaneousOpen implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly opens: Occurrences;
  private readonly later = new SlotNumbers();

  constructor(context: RuleContext) {
    this.context = context;
    this.opens = new Occurrences(context);
  }

  observe(observation: Observation): void {
    const { kind, flow, side, a } = observation;
    if (kind === Kind.SIMULTANEOUS_OPEN) {
      this.later.note(flow, side + 1);
      const group = this.opens.add(serverOf(this.context, flow), observation);
      if (a === 1) group?.tally(ACK_FIRST);
    } else if (this.later.of(flow) === 0) return;
    else if (kind === Kind.FLOW_ENDED) this.later.note(flow, 0);
    else if (kind === Kind.SYN_ACK) {
      if (this.later.of(flow) === side + 1) this.later.note(flow, BOTH_ANSWERED);
    } else if (this.later.of(flow) === side + 1) this.opens.groups.get(serverOf(this.context, flow))?.tally(ONE_SYN_ACK);
  }

  finish(): void {
    reportGroups(this.opens.groups.values(), this.context, (group) => ({
      severity: group.at(ACK_FIRST) > 0 ? 'low' : 'info',
      confidence: 'high',
      facts: { with_one_synack: group.at(ONE_SYN_ACK), acknowledged_first: group.at(ACK_FIRST) },
      doubts: group.at(ONE_SYN_ACK) > group.at(ACK_FIRST) ? ['A SYN-ACK that was lost before it got here leaves the same trace.'] : [],
    }));
  }
}
