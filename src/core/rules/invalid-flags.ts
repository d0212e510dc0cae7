import { Kind } from '../observations.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Rule } from './rule.ts';
import { filterOf, numberOf, plural, textOf } from './words.ts';

/** Names of the flag bits, in the order of the header. */
const FLAG_NAMES: readonly [number, string][] = [
  [0x01, 'FIN'],
  [0x02, 'SYN'],
  [0x04, 'RST'],
  [0x08, 'PSH'],
  [0x10, 'ACK'],
  [0x20, 'URG'],
];
/** All PSH-without-data segments of a capture are one group: they are harmless, and some stacks send many. */
const ALL = -1;
const FLAGS = 0;
const MALFORMED = 1;
const FIRST_FLAGS = 2;

export const invalidFlags: Rule = {
  id: 'invalid-flags',
  title: 'Flags or options that no TCP sends',
  summary: 'SYN with FIN or RST, no flags at all, a missing ACK in an established connection, or malformed options; PSH without data as a remark.',
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.1', 'RFC 9293 §3.10.7.4', 'RFC 9293 §3.2'],
  aliases: ['syn-fin', 'null packet', 'xmas', 'christmas tree', 'malformed options', 'psh without data'],
  underFaults: 'Options that the snaplen cut off do not count as malformed.',
  options: {},
  watches: [Kind.INVALID_FLAGS, Kind.PSH_WITHOUT_DATA, Kind.MALFORMED_OPTIONS],
  examples: {
    flagged: [{ title: 'SYN together with FIN', conversation: 'C > S SYN FIN; S > C RST ACK' }],
    clean: [{ title: 'a plain connection', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK' }],
  },
  start(context) {
    const occurrences = new Occurrences(context);
    return {
      state: occurrences,
      observe(observation) {
        const isRemark = observation.kind === Kind.PSH_WITHOUT_DATA;
        const group = occurrences.add(isRemark ? ALL : serverOf(context, observation.flow), observation);
        if (group === null || isRemark) return;
        if (observation.kind === Kind.MALFORMED_OPTIONS) group.tally(MALFORMED);
        else if (group.at(FLAGS) === 0) group.tally(FIRST_FLAGS, observation.a);
        if (observation.kind === Kind.INVALID_FLAGS) group.tally(FLAGS);
      },
      finish() {
        reportGroups(occurrences.groups.values(), context, (group) => {
          const isRemark = group.key === ALL;
          return {
            severity: isRemark ? 'info' : 'low',
            confidence: 'high',
            facts: isRemark
              ? { push_without_data: group.count }
              : { invalid_flags: group.at(FLAGS), malformed_options: group.at(MALFORMED), first_flags: flagNames(group.at(FIRST_FLAGS)) },
            ...(isRemark && group.flowCount() > 1 ? { subject: { kind: 'capture' as const } } : {}),
          };
        });
      },
    };
  },
  explain(facts) {
    const pushes = numberOf(facts, 'push_without_data');
    if (pushes > 0) {
      return {
        title: 'PSH without data',
        explanation: `${plural(pushes, 'segment')} carried the PSH flag and no data. That is odd but harmless: some stacks and devices do it.`,
        advice: ["tshark -r CAPTURE -Y 'tcp.flags.push == 1 && tcp.len == 0 && tcp.flags.syn == 0 && tcp.flags.reset == 0'"],
      };
    }
    return {
      explanation:
        `${plural(numberOf(facts, 'invalid_flags'), 'segment')} to or from ${textOf(facts, 'server')} carried flags that no TCP sends` +
        `${numberOf(facts, 'invalid_flags') > 0 ? ` (first: ${textOf(facts, 'first_flags')})` : ''}, ${numberOf(facts, 'malformed_options')} malformed options. ` +
        'Scanners use such segments to slip past simple filters or to recognise an operating system; broken middleboxes make them, too. A correct host drops them or answers with RST.',
      advice: [
        `tcpdump -nr CAPTURE ${filterOf(textOf(facts, 'server'), ' and (tcp[13] & 0x3f = 0 or tcp[13] & 0x03 = 3 or tcp[13] & 0x06 = 6 or tcp[13] & 0x17 = 1)')}`,
        "nft add rule inet filter input 'tcp flags & (fin|syn) == fin|syn drop'",
      ],
    };
  },
};

function flagNames(bits: number): string {
  const names = FLAG_NAMES.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
  return names.length === 0 ? 'none' : names.join(' ');
}
