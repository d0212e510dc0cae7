import { HEADER_ODDITIES, Kind } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group } from './occurrences.ts';
import type { Explanation, Rule, RuleContext } from './rule.ts';
import { filterOf, numberOf, partsOf, plural, textOf } from './words.ts';

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
/** Tallies from here on: HEADER_ODDITIES. */
const ODD = 3;

/** What each oddity means, whether stacks in order make it, too, and a display filter that shows it. */
const ODDITIES: { readonly [name in (typeof HEADER_ODDITIES)[number]]: { words: string; isNormal: boolean; filter: string } } = {
  port_zero: { words: 'port 0, which no socket can have', isNormal: false, filter: 'tcp.port == 0' },
  urgent_without_data: { words: 'URG without a byte that it could mark', isNormal: true, filter: 'tcp.flags.urg == 1' },
  urgent_beyond_window: { words: 'an urgent pointer beyond all that the receiver offered to take', isNormal: true, filter: 'tcp.flags.urg == 1' },
  urgent_pointer_without_flag: { words: 'an urgent pointer without the URG flag', isNormal: true, filter: '(tcp.flags.urg == 0 && tcp.urgent_pointer > 0)' },
  reserved_bits: { words: 'reserved bits of the header set', isNormal: true, filter: 'tcp.flags.res > 0' },
  tiny_mss: { words: 'an MSS below 216 bytes, which makes the other end send a great many small segments', isNormal: false, filter: 'tcp.options.mss_val < 216' },
  window_scale_above_14: { words: 'a window scale above 14, for which the peer takes 14', isNormal: false, filter: 'tcp.options.wscale.shift > 14' },
  timestamps_missing: {
    words: 'data without the timestamps that both SYNs agreed on, which receivers drop',
    isNormal: false,
    filter: '(tcp.len > 0 && !tcp.options.timestamp.tsval)',
  },
};

export const invalidFlags: Rule = {
  id: 'invalid-flags',
  title: 'Flags or options that no TCP sends',
  summary: 'SYN with FIN or RST, no flags at all, a missing ACK in an established connection, malformed or odd options (a tiny MSS, a window scale above 14, timestamps that stop), a header whose length cannot be, port 0; PSH without data and misuse of the urgent pointer as a remark.',
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.1', 'RFC 9293 §3.10.7.4', 'RFC 9293 §3.2', 'RFC 9293 §3.8.5', 'RFC 7323 §2.3', 'RFC 7323 §3.2'],
  aliases: [
    'syn-fin',
    'null packet',
    'xmas',
    'christmas tree',
    'malformed options',
    'data offset',
    'bogus header length',
    'hlen_too_small',
    'bad_TCP_header_len',
    'psh without data',
    'port 0',
    'port zero',
    'urgent pointer',
    'tcp.urgent_pointer.non_zero',
    'tcp.options.wscale.shift.invalid',
    'reserved bits',
    'small mss',
    'sack panic',
    'TCP_christmas',
    'baroque_SYN',
    'NO_SYN_ACK_RST',
    'DATA_WITHOUT_FLAGS',
    'fin_syn',
    'BAD_URP',
    'NO_TIMESTAMP',
    'MUST_ACK',
    'tcp.option.len.invalid',
    'tcp.suboption_malformed',
    'opt_invalid_len',
    'pkt_too_small',
    'tcp.short_segment',
  ],
  underFaults: 'Options that the snaplen cut off count neither as malformed nor as missing. A header whose length contradicts its packet cannot be read: it belongs to no connection, and is counted in `left_out` as `bad_length`.',
  options: {},
  watches: [Kind.INVALID_FLAGS, Kind.PSH_WITHOUT_DATA, Kind.MALFORMED_OPTIONS, Kind.ODD_HEADER],
  examples: {
    flagged: [
      { title: 'SYN together with FIN', conversation: 'C > S SYN FIN; S > C RST ACK' },
      { title: 'a data offset of 3 words, in a connection', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10 offset=3; C > S PSH ACK 10 seq=1001; S > C ACK' },
      { title: 'a data offset beyond the segment, of a scanner', conversation: 'C > S ACK ts=0 offset=15' },
      { title: 'a connection to port 0', conversation: 'C > S:0 SYN; S:0 > C RST ACK seq=0' },
      { title: 'URG without data', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S URG ACK urg=7; S > C ACK' },
      { title: 'an urgent pointer, and no URG', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10 urg=5; S > C ACK' },
      { title: 'a reserved bit', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10 reserved=4; S > C ACK' },
      { title: 'an MSS of 48 bytes', conversation: 'C > S SYN mss=48; S > C SYN ACK; C > S ACK' },
      { title: 'a window scale of 15', conversation: 'C > S SYN ws=15; S > C SYN ACK; C > S ACK' },
      { title: 'data without the timestamps that were agreed', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10 ts=0; S > C ACK' },
    ],
    clean: [
      { title: 'a plain connection', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK' },
      { title: 'one urgent byte, as Telnet sends it', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH URG ACK 1 urg=1; S > C ACK' },
      { title: 'the server takes no timestamps', conversation: 'C > S SYN mss=536 ws=14; S > C SYN ACK ts=0; C > S ACK ts=0; C > S PSH ACK 10 ts=0; S > C ACK ts=0' },
    ],
  },
  start(context) {
    const occurrences = new Occurrences(context);
    return {
      state: occurrences,
      observe(observation) {
        const isRemark = observation.kind === Kind.PSH_WITHOUT_DATA;
        const group = occurrences.add(isRemark ? ALL : serverOf(context, observation.flow), observation);
        if (group === null || isRemark) return;
        if (observation.kind === Kind.ODD_HEADER) {
          group.tally(ODD + observation.a);
          return;
        }
        if (observation.kind === Kind.MALFORMED_OPTIONS) group.tally(MALFORMED);
        else if (group.at(FLAGS) === 0) group.tally(FIRST_FLAGS, observation.a);
        if (observation.kind === Kind.INVALID_FLAGS) group.tally(FLAGS);
      },
      finish() {
        reportBadHeaders(context);
        reportGroups(occurrences.groups.values(), context, (group) => {
          const isRemark = group.key === ALL;
          const odd = HEADER_ODDITIES.filter((_, index) => group.at(ODD + index) > 0);
          const isNormal = group.at(FLAGS) + group.at(MALFORMED) === 0 && odd.every((name) => ODDITIES[name].isNormal);
          return {
            severity: isRemark || isNormal ? 'info' : 'low',
            confidence: 'high',
            facts: isRemark
              ? { push_without_data: group.count }
              : { invalid_flags: group.at(FLAGS), malformed_options: group.at(MALFORMED), first_flags: flagNames(group.at(FIRST_FLAGS)), odd_headers: oddHeaders(group) },
            ...(isRemark && group.flowCount() > 1 ? { subject: { kind: 'capture' as const } } : {}),
          };
        });
      },
    };
  },
  explain(facts) {
    if (numberOf(facts, 'bad_headers') > 0) return explainBadHeaders(facts);
    const pushes = numberOf(facts, 'push_without_data');
    if (pushes > 0) {
      return {
        title: 'PSH without data',
        explanation: `${plural(pushes, 'segment')} carried the PSH flag and no data. That is odd but harmless: some stacks and devices do it.`,
        advice: ["tshark -r CAPTURE -Y 'tcp.flags.push == 1 && tcp.len == 0 && tcp.flags.syn == 0 && tcp.flags.reset == 0'"],
      };
    }
    const odd = oddWords(facts);
    if (numberOf(facts, 'invalid_flags') + numberOf(facts, 'malformed_options') === 0) {
      return {
        title: 'Odd headers',
        explanation:
          `Segments to or from ${textOf(facts, 'server')} carried ${odd}. Scanners, broken devices on the path and programs that make their own packets do that; ` +
          'by itself it does no harm to a host in order.',
        advice: [
          `tcpdump -nvr CAPTURE ${filterOf(textOf(facts, 'server'))}`,
          `tshark -r CAPTURE -Y '${[...new Set(odditiesIn(facts).map((name) => ODDITIES[name].filter))].join(' || ')}'`,
        ],
      };
    }
    const hasFlags = numberOf(facts, 'invalid_flags') > 0;
    const hasOptions = numberOf(facts, 'malformed_options') > 0;
    const flags = hasFlags ? `flags that no TCP sends (${plural(numberOf(facts, 'invalid_flags'), 'segment')}, first: ${textOf(facts, 'first_flags')})` : '';
    const options = hasOptions ? `options of a length that cannot be (${plural(numberOf(facts, 'malformed_options'), 'segment')})` : '';
    return {
      explanation:
        `Segments to or from ${textOf(facts, 'server')} carried ${[flags, options].filter((what) => what !== '').join(' and ')}${odd === '' ? '' : `; others carried ${odd}`}. ` +
        'Scanners use such segments to slip past simple filters or to recognise an operating system; broken middleboxes make them, too. A correct host drops them or answers with RST.',
      advice: [
        ...(hasFlags
          ? [
              `tcpdump -nr CAPTURE ${filterOf(textOf(facts, 'server'), ' and (tcp[13] & 0x16 = 0 or tcp[13] & 0x03 = 3 or tcp[13] & 0x06 = 6 or tcp[13] & 0x05 = 5 or tcp[13] & 0x22 = 0x22)')}`,
              "nft add rule inet filter input 'tcp flags & (fin|syn) == fin|syn drop'",
            ]
          : []),
        ...(hasOptions ? ["tshark -r CAPTURE -Y 'tcp.option.len.invalid'"] : []),
      ],
    };
  },
};

/** Headers that end before or behind their segment are of no connection, and all one finding. */
function reportBadHeaders(context: RuleContext): void {
  const { counts, kept } = context.capture.badHeaders();
  const count = Object.values(counts).reduce((sum, each) => sum + each, 0);
  const [example] = kept;
  if (example === undefined) return;
  const sources = new Set(kept.map(({ source }) => partsOf(source).host));
  const targets = new Set(kept.map(({ destination }) => partsOf(destination).host));
  const [host] = sources.size === 1 || targets.size > 1 ? sources : targets;
  context.report({
    severity: 'low',
    confidence: 'high',
    subject: sources.size === 1 || targets.size === 1 ? { kind: 'host', host } : { kind: 'capture' },
    first: example.time,
    last: kept.reduce((latest, { time }) => Math.max(latest, time), 0),
    count,
    flows: [],
    packets: kept.map(({ packet }) => packet),
    morePackets: count - kept.length,
    facts: {
      bad_headers: count,
      kinds: Object.fromEntries(Object.entries(counts).filter(([, each]) => each > 0)),
      sources: sources.size,
      destinations: targets.size,
      example_source: example.source,
      example_destination: example.destination,
    },
    doubts: ['A device on the path or the capture may have damaged the headers.'],
  });
}

function explainBadHeaders(facts: { readonly [name: string]: Fact }): Explanation {
  const source = textOf(facts, 'example_source');
  return {
    title: 'TCP headers that cannot be',
    explanation:
      `${plural(numberOf(facts, 'bad_headers'), 'segment')} from ${plural(numberOf(facts, 'sources'), 'host')} (first: ${source} to ${textOf(facts, 'example_destination')}) carried a data offset below 5 words, ` +
      'or a header longer than the segment. No TCP sends that: somebody makes packets by hand to confuse a monitor or a weak stack, or a device damages them. Hosts drop them; here, too, they count for no connection.',
    advice: [
      `tshark -r CAPTURE -Y 'tcp.hdr_len < 20 || _ws.malformed || tcp.bogus_header_length'`,
      `tcpdump -vXnr CAPTURE 'host ${partsOf(source).host} and tcp'`,
      'nft add rule inet filter input ct state invalid drop   # conntrack calls such packets invalid',
    ],
  };
}

function flagNames(bits: number): string {
  const names = FLAG_NAMES.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
  return names.length === 0 ? 'none' : names.join(' ');
}

/** How often each oddity came, by name. */
function oddHeaders(group: Group): { [name: string]: number } {
  return Object.fromEntries(HEADER_ODDITIES.map((name, index): [string, number] => [name, group.at(ODD + index)]).filter(([, count]) => count > 0));
}

function oddWords(facts: { readonly [name: string]: Fact }): string {
  return odditiesIn(facts)
    .map((name) => ODDITIES[name].words)
    .join('; ');
}

function odditiesIn(facts: { readonly [name: string]: Fact }): readonly (typeof HEADER_ODDITIES)[number][] {
  const counts = facts['odd_headers'];
  return typeof counts === 'object' && counts !== null ? HEADER_ODDITIES.filter((name) => name in counts) : [];
}
