import { Kind, STRIPPED, SYN_OPTIONS } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group, Verdict } from './occurrences.ts';
import type { Explanation, Rule } from './rule.ts';
import { SynHabits } from './syn-habits.ts';
import { countOf, filterOf, flagsByte, numberOf, plural, streamOf, textOf } from './words.ts';

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
  summary: 'By the SYNs nobody scales windows, yet an end announces windows as if it did: its peer takes a large window for a tiny one. Also options in use or answered though the SYNs lack them, and SYNs whose options were changed on the way, or that lack options which the same client puts into all others.',
  severities: ['medium', 'low', 'info'],
  references: ['RFC 7323 §2.2', 'RFC 7323 §2.3', 'RFC 7323 §3.2', 'RFC 2018 §2', 'RFC 9293 §3.7.1'],
  aliases: ['options stripped', 'tcp.options.nop', 'sack stripped', 'timestamps stripped', 'window scaling stripped', 'tcp.options.wscale', 'broken firewall window scaling', 'tiny window', 'slow transfer', 'mss clamping'],
  underFaults: "Needs both SYNs with their whole options. A small window of its own accord is no sign: it must fall at once, by a factor, before any data came. What was taken out before the capture point on both ways shows only where the same client has it in its SYNs to others, five and more each; SYNs sent again do not count, for stacks leave options out of those. An MSS made smaller on the way only where the SYN was captured on both sides; one taken out wherever other options are left.",
  options: {},
  watches: [Kind.SYN, Kind.SCALE_MISMATCH, Kind.OPTION_STRIPPED],
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
      { title: 'a SYN that offers window scaling, SACK and timestamps, and no MSS', conversation: 'C > S SYN mss=-1461; S > C SYN ACK; C > S ACK' },
      { title: 'captured before and behind a router that makes the MSS smaller', conversation: 'C > S SYN; C > S SYN copy mss=1200 ttl=63; S > C SYN ACK; C > S ACK' },
      {
        title: 'SYNs to one host lack what those of the same client to another have',
        conversation: 'repeat 6 every 1 { C:# > R:443 SYN; R:443 > C:# SYN ACK; C:# > R:443 ACK; C:# > S SYN ws=-8 ts=0; S > C:# SYN ACK ws=-8 ts=0; C:# > S ACK ts=0 }',
      },
      { title: 'the SYN-ACK permits SACK, which the SYN did not offer here', conversation: 'C > S SYN sack=0; S > C SYN ACK; C > S ACK' },
    ],
    clean: [
      { title: 'a SYN without any option, as tools send it', conversation: 'C > S SYN mss=-1461 ws=-8 ts=0 sack=0; S > C SYN ACK ws=-8 ts=0 sack=0; C > S ACK ts=0' },
      { title: 'both scale', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK' },
      { title: 'the server permits no SACK, and nobody uses it', conversation: 'C > S SYN; S > C SYN ACK sack=0; C > S ACK; C > S PSH ACK 100; S > C ACK' },
      { title: 'SACK permitted and used', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; S > C PSH ACK 100; C > S ACK; C > S ACK sack=1000' },
      { title: 'neither does', conversation: 'C > S SYN ws=-8; S > C SYN ACK ws=-8; C > S ACK win=64240; S > C PSH ACK 10 win=64240; C > S ACK win=64230' },
    ],
  },
  start(context) {
    const occurrences = new Occurrences(context);
    const habits = new SynHabits(context);
    return {
      // The end of a connection is nothing to it, and `finish` changes nothing.
      state: null,
      observe(observation) {
        if (observation.kind === Kind.SYN) {
          habits.note(observation);
          return;
        }
        const group = occurrences.add(serverOf(context, observation.flow), observation);
        if (group !== null) note(group, observation);
      },
      finish() {
        reportGroups(occurrences.groups.values(), context, judge);
        for (const draft of habits.drafts()) context.report(draft);
      },
    };
  },
  explain(facts) {
    if (numberOf(facts, 'syns_without') > 0) return explainHabit(facts);
    return numberOf(facts, 'affected') > 0 ? explainMismatch(facts) : explainStripped(facts);
  },
};

function note(group: Group, { kind, a, b }: Observation): void {
  if (kind === Kind.OPTION_STRIPPED) {
    group.tally(TAKEN + a);
    if (a === STRIPPED.indexOf('rewritten')) SYN_OPTIONS.forEach((_, option) => (b & (1 << option)) !== 0 && group.tally(CHANGED + option));
    return;
  }
  group.tally(MISMATCHES);
  group.most(BEFORE, a);
  if (group.at(AFTER) === 0 || b < group.at(AFTER)) group.tallies[AFTER] = b;
}

function judge(group: Group): Verdict {
  const mismatches = group.at(MISMATCHES);
  const inUse = taken(group, 'sack') + taken(group, 'timestamps');
  // A smaller MSS alone is what routers make on purpose.
  const lost = inUse + taken(group, 'mss_missing') > 0 || SYN_OPTIONS.some((name, option) => name !== 'mss' && group.at(CHANGED + option) > 0);
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
      mss_missing: taken(group, 'mss_missing'),
      rewritten_syns: taken(group, 'rewritten'),
      rewritten_options: Object.fromEntries(SYN_OPTIONS.map((name, option): [string, number] => [name, group.at(CHANGED + option)]).filter(([, count]) => count > 0)),
    },
    doubts: doubtsOf(mismatches, inUse),
  };
}

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
    numberOf(facts, 'mss_missing') > 0 && `${plural(numberOf(facts, 'mss_missing'), 'SYN')} with other options and without an MSS, so that the peer must send no more than 536 bytes at once (IPv6: 1,220)`,
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

/** Of SYNs that lack what the same client's others have. */
function explainHabit(facts: Facts): Explanation {
  const target = textOf(facts, 'target');
  const missing = facts['missing_options'];
  const names = Array.isArray(missing) ? missing.filter((name) => typeof name === 'string').map((name) => name.replaceAll('_', ' ')).join(', ') : '';
  return {
    title: 'TCP options missing in SYNs to one host',
    explanation:
      `None of ${plural(numberOf(facts, 'syns_without'), 'SYN')} of ${plural(numberOf(facts, 'client_hosts'), 'client')} to ${target} has ${names}, and all that the same clients sent to another host, from the same distance, do. ` +
      'A stack puts its options into every SYN: a firewall or proxy on the way to that host takes them out. Connections work, and are slow over long or lossy paths.',
    advice: [
      `tcpdump -nvr CAPTURE '${flagsByte(target)} & 0x12 = 0x02'   # compare the options of SYNs to ${target} and to others`,
      'Capture on the client itself: if its SYNs have the options there, a device between takes them out.',
      `ip route get ${target}   # on the client: a route can switch options off (features, window)`,
    ],
  };
}
