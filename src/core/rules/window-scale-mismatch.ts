import { Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { filterOf, numberOf, plural, streamOf, textOf } from './words.ts';

const BEFORE = 0;
const AFTER = 1;

export const windowScaleMismatch: Rule = {
  id: 'window-scale-mismatch',
  title: 'The ends disagree about window scaling',
  summary: 'By the SYNs nobody scales windows, yet an end announces windows as if it did: its peer takes a large window for a tiny one.',
  severities: ['medium'],
  references: ['RFC 7323 §2.2', 'RFC 7323 §2.3'],
  aliases: ['window scaling stripped', 'tcp.options.wscale', 'broken firewall window scaling', 'tiny window', 'slow transfer'],
  underFaults: "Needs both SYNs with their whole options. A small window of its own accord is no sign: it must fall at once, by a factor, before any data came.",
  options: {},
  watches: [Kind.SCALE_MISMATCH],
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
    ],
    clean: [
      { title: 'both scale', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK' },
      { title: 'neither does', conversation: 'C > S SYN ws=-8; S > C SYN ACK ws=-8; C > S ACK win=64240; S > C PSH ACK 10 win=64240; C > S ACK win=64230' },
    ],
  },
  start: perServer({
    note(group, { a, b }) {
      group.most(BEFORE, a);
      if (group.at(AFTER) === 0 || b < group.at(AFTER)) group.tallies[AFTER] = b;
    },
    judge: (group) => ({
      severity: 'medium',
      confidence: group.count > 1 ? 'high' : 'medium',
      facts: { affected: group.count, window_of_syn_bytes: group.at(BEFORE), next_window_bytes: group.at(AFTER) },
      doubts: group.count > 1 ? [] : ['A receiver whose memory ran out at that moment would close its window as suddenly.'],
    }),
  }),
  explain: (facts) => ({
    explanation:
      `On ${plural(numberOf(facts, 'affected'), 'connection')} with ${textOf(facts, 'server')} the window fell from ${numberOf(facts, 'window_of_syn_bytes')} in the SYN to ${numberOf(facts, 'next_window_bytes')} in the next segment, although the SYNs, as they passed here, ` +
      'agree on no scaling. That end scales its windows: it believes the option was agreed, because a firewall or proxy removed it on one of the two ways only. Its peer sends a few bytes at a time, and transfers crawl.',
    advice: [
      `tshark -r CAPTURE -Y '${streamOf(textOf(facts, 'example_client'), textOf(facts, 'server'))} && tcp.flags.syn == 1' -T fields -e frame.number -e ip.src -e tcp.options.wscale.shift`,
      `Compare both SYNs in captures on both sides of the firewall: tcpdump -nvi INTERFACE ${filterOf(textOf(facts, 'server'), ' and tcp[tcpflags] & tcp-syn != 0')}`,
      'sysctl -w net.ipv4.tcp_window_scaling=0   # on one end, to confirm: slow paths get better',
    ],
  }),
};
