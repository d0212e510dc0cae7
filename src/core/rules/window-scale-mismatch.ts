import { Kind, STRIPPED, SYN_OPTIONS } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import type { Group } from './occurrences.ts';
import { perServer } from './per-server.ts';
import type { Explanation, Rule } from './rule.ts';
import { countOf, filterOf, numberOf, plural, streamOf, textOf } from './words.ts';

type Facts = { readonly [name: string]: Fact };

const BEFORE = 0;
const AFTER = 1;
const MISMATCHES = 2;
/** Tallies from here on: STRIPPED. */
const TAKEN = 3;
/** … and from here on SYN_OPTIONS that were changed between two sights of a SYN. */
const CHANGED = TAKEN + STRIPPED.length;

export const windowScaleMismatch: Rule = {
  id: 'window-scale-mismatch',
  title: 'The ends disagree about window scaling',
  summary: 'By the SYNs nobody scales windows, yet an end announces windows as if it did: its peer takes a large window for a tiny one. Also options in use or answered though the SYNs lack them, and SYNs whose options were changed on the way.',
  severities: ['medium', 'low', 'info'],
  references: ['RFC 7323 §2.2', 'RFC 7323 §2.3', 'RFC 7323 §3.2', 'RFC 2018 §2'],
  aliases: ['options stripped', 'tcp.options.nop', 'sack stripped', 'timestamps stripped', 'window scaling stripped', 'tcp.options.wscale', 'broken firewall window scaling', 'tiny window', 'slow transfer', 'mss clamping'],
  underFaults: "Needs both SYNs with their whole options. A small window of its own accord is no sign: it must fall at once, by a factor, before any data came. What was taken out before the capture point on both ways shows nowhere; an MSS made smaller on the way only where the SYN was captured on both sides.",
  options: {},
  watches: [Kind.SCALE_MISMATCH, Kind.OPTION_STRIPPED],
  examples: {
    flagged: [
      {
        title: "the option was taken out of the SYN-ACK on its way to the client; the server's windows are scaled all the same",
        conversation: `
          C > S SYN
          S > C SYN ACK ws=-8 win=65160
          C > S ACK
          C > S PSH ACK 100
          S > C ACK win=509`,
      },
      {
        title: 'the client reports blocks, though the SYN-ACK as it passed here permits no SACK',
        conversation: 'C > S SYN; S > C SYN ACK sack=0; C > S ACK; S > C PSH ACK 100; C > S ACK; C > S ACK sack=1000',
      },
      { title: 'timestamps in use that the SYN-ACK did not offer here', conversation: 'C > S SYN; S > C SYN ACK ts=0; C > S ACK; C > S PSH ACK 100; S > C ACK' },
      { title: 'four NOPs where an option was', conversation: 'C > S SYN sack=0 nop=4; S > C SYN ACK sack=0; C > S ACK' },
      { title: 'captured before and behind a router that makes the MSS smaller', conversation: 'C > S SYN; C > S SYN copy mss=1200 ttl=63; S > C SYN ACK; C > S ACK' },
      { title: 'the SYN-ACK permits SACK, which the SYN did not offer here', conversation: 'C > S SYN sack=0; S > C SYN ACK; C > S ACK' },
    ],
    clean: [
      { title: 'both scale', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK' },
      { title: 'the server permits no SACK, and nobody uses it', conversation: 'C > S SYN; S > C SYN ACK sack=0; C > S ACK; C > S PSH ACK 100; S > C ACK' },
      { title: 'SACK permitted and used', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; S > C PSH ACK 100; C > S ACK; C > S ACK sack=1000' },
      { title: 'neither does', conversation: 'C > S SYN ws=-8; S > C SYN ACK ws=-8; C > S ACK win=64240; S > C PSH ACK 10 win=64240; C > S ACK win=64230' },
    ],
  },
  start: perServer({
    note(group, { kind, a, b }) {
      if (kind === Kind.OPTION_STRIPPED) {
        group.tally(TAKEN + a);
        if (a === STRIPPED.indexOf('rewritten')) SYN_OPTIONS.forEach((_, option) => (b & (1 << option)) !== 0 && group.tally(CHANGED + option));
        return;
      }
      group.tally(MISMATCHES);
      group.most(BEFORE, a);
      if (group.at(AFTER) === 0 || b < group.at(AFTER)) group.tallies[AFTER] = b;
    },
    judge(group) {
      const mismatches = group.at(MISMATCHES);
      const inUse = taken(group, 'sack') + taken(group, 'timestamps');
      // A smaller MSS alone is what routers make on purpose.
      const lost = inUse > 0 || SYN_OPTIONS.some((name, option) => name !== 'mss' && group.at(CHANGED + option) > 0);
      return {
        severity: mismatches > 0 ? 'medium' : lost ? 'low' : 'info',
        confidence: mismatches > 1 || mismatches + inUse === 0 ? 'high' : 'medium',
        facts: {
          affected: mismatches,
          window_of_syn_bytes: group.at(BEFORE),
          next_window_bytes: group.at(AFTER),
          sack_unagreed: taken(group, 'sack'),
          timestamps_unagreed: taken(group, 'timestamps'),
          overwritten_options: taken(group, 'overwritten'),
          unoffered_options: taken(group, 'unoffered'),
          rewritten_syns: taken(group, 'rewritten'),
          rewritten_options: Object.fromEntries(SYN_OPTIONS.map((name, option): [string, number] => [name, group.at(CHANGED + option)]).filter(([, count]) => count > 0)),
        },
        doubts: doubtsOf(mismatches, inUse),
      };
    },
  }),
  explain: (facts) => (numberOf(facts, 'affected') > 0 ? explainMismatch(facts) : explainStripped(facts)),
};

function taken(group: Group, what: (typeof STRIPPED)[number]): number {
  return group.at(TAKEN + STRIPPED.indexOf(what));
}

function doubtsOf(mismatches: number, inUse: number): string[] {
  if (mismatches === 1) return ['A receiver whose memory ran out at that moment would close its window as suddenly.'];
  return mismatches === 0 && inUse > 0 ? ['A stack that uses an option without agreement looks alike.'] : [];
}

function explainMismatch(facts: Facts): Explanation {
  return {
    explanation:
      `On ${plural(numberOf(facts, 'affected'), 'connection')} with ${textOf(facts, 'server')} the window fell from ${countOf(facts, 'window_of_syn_bytes')} in the SYN to ${countOf(facts, 'next_window_bytes')} in the next segment, although the SYNs, as they passed here, ` +
      'agree on no scaling. That end scales its windows: it believes the option was agreed, because a firewall or proxy removed it on one of the two ways only. Its peer sends a few bytes at a time, and transfers crawl.',
    advice: [
      `tshark -r CAPTURE -Y '${streamOf(textOf(facts, 'example_client'), textOf(facts, 'server'))} && tcp.flags.syn == 1' -T fields -e frame.number -e ip.src -e tcp.options.wscale.shift`,
      `Compare both SYNs in captures on both sides of the firewall: tcpdump -nvi INTERFACE ${filterOf(textOf(facts, 'server'), ' and tcp[tcpflags] & tcp-syn != 0')}`,
      'sysctl -w net.ipv4.tcp_window_scaling=0   # on one end, to confirm: slow paths get better',
    ],
  };
}

function explainStripped(facts: Facts): Explanation {
  const server = textOf(facts, 'server');
  const rewritten = facts['rewritten_options'];
  const changed = typeof rewritten === 'object' && rewritten !== null ? Object.keys(rewritten).map((name) => name.replaceAll('_', ' ')) : [];
  const seen = [
    numberOf(facts, 'sack_unagreed') > 0 && 'SACK blocks, though one of the SYNs, as it passed here, does not permit them',
    numberOf(facts, 'timestamps_unagreed') > 0 && 'timestamps, though one of the SYNs, as it passed here, has none',
    numberOf(facts, 'overwritten_options') > 0 && 'SYNs with four or more NOPs in a row, where an option was written over',
    numberOf(facts, 'unoffered_options') > 0 && 'SYN-ACKs with options that the SYN, as it passed here, did not offer',
    changed.length > 0 && `${plural(numberOf(facts, 'rewritten_syns'), 'SYN')} captured before and behind a device that changed the options (${changed.join(', ')})`,
  ].filter((words) => words !== false);
  const isMssOnly = seen.length === 1 && changed.length === 1 && changed[0] === 'mss';
  return {
    title: isMssOnly ? 'A device on the way makes the MSS smaller' : 'TCP options changed on the way',
    explanation:
      `Connections with ${server} show ${seen.join('; ')}. ` +
      (isMssOnly
        ? 'Routers in front of a tunnel or PPPoE do that, so that no segment is too large for it. Nothing is wrong.'
        : 'A firewall or proxy removes or adds TCP options. Connections work, and recover more slowly from loss without SACK, or transfer slowly over long paths without window scaling.'),
    advice: [
      `tcpdump -nvr CAPTURE ${filterOf(server, ' and tcp[tcpflags] & tcp-syn != 0')}`,
      `Compare both SYNs in captures on both sides of the firewall: tcpdump -nvi INTERFACE ${filterOf(server, ' and tcp[tcpflags] & tcp-syn != 0')}`,
    ],
  };
}
