import { Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { countOf, filterOf, numberOf, plural, streamOf, textOf } from './words.ts';

const BYTES = 0;
const TAKEN = 1;

export const injectedData: Rule = {
  id: 'injected-data',
  title: 'Data that its claimed sender never sent',
  summary: "An end's own later segments stand below data that were captured under its name: somebody else sent them.",
  severities: ['high'],
  references: ['RFC 9293 §3.4', 'RFC 9293 §3.10.7.4', 'RFC 5961 §5'],
  aliases: ['data injection', 'segment injection', 'session hijack', 'man on the side', 'mots', 'ack_data_inject', '3whs_ack_data_inject'],
  underFaults: 'A pure ACK captured in the wrong order stands below newer data, too: it counts only well after the data, with a timestamp no older, and when the peer has acknowledged them.',
  options: {},
  watches: [Kind.DISOWNED_DATA],
  examples: {
    flagged: [
      {
        title: 'twenty bytes in the name of the client, which knows nothing of them',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK
          +0.2 C > S PSH ACK 20 seq=1101 ts=0
          S > C ACK ack=1121
          +0.1 C > S ACK
          S > C ACK ack=1121`,
      },
    ],
    clean: [
      { title: 'an ACK captured behind the data that were sent after it', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; C > S ACK seq=1001; S > C ACK' },
      {
        title: 'an ACK sent in the same millisecond as data, and held up on its way for longer',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK; +0.02 C > S ACK seq=1001 ts=-21; S > C PSH ACK 10',
      },
    ],
  },
  start: perServer({
    note(group, { a, b }) {
      group.most(BYTES, a);
      group.most(TAKEN, b);
    },
    judge: (group) => ({
      severity: 'high',
      confidence: 'high',
      facts: { segments_that_disown_them: group.count, injected_bytes: group.at(BYTES), acknowledged_bytes: group.at(TAKEN) },
      doubts: ['Two devices that answer for one address (a failed-over balancer, a duplicate address) can disagree in the same way.'],
    }),
  }),
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'injected_bytes'), 'byte')} on a connection of ${textOf(facts, 'example_client')} with ${textOf(facts, 'server')} ${numberOf(facts, 'injected_bytes') === 1 ? 'was' : 'were'} not sent by the end whose name they bear: that end went on from before them. ` +
      `The peer took ${countOf(facts, 'acknowledged_bytes')} of them as genuine and gave them to its program. From then on both ends disagree about the numbers and answer each other's ACKs; the connection usually stalls.`,
    advice: [
      `tshark -r CAPTURE -Y '${streamOf(textOf(facts, 'example_client'), textOf(facts, 'server'))}' -T fields -e frame.number -e eth.src -e ip.ttl -e ip.id -e tcp.seq_raw -e tcp.len -e tcp.window_size_value`,
      `tcpdump -eXSnr CAPTURE ${filterOf(textOf(facts, 'server'))}   # another MAC address or TTL gives the injector away`,
      'Encrypt and authenticate the connection (TLS, TCP-AO): then injected bytes are refused.',
    ],
  }),
};
