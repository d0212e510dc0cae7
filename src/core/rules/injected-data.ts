import { Kind } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { countOf, filterOf, numberOf, plural, streamOf, textOf } from './words.ts';

const BYTES = 0;
const TAKEN = 1;
const FINS = 2;

export const injectedData: Rule = {
  id: 'injected-data',
  title: 'Data that its claimed sender never sent',
  summary: "An end's own later segments stand below data, or in the place of a FIN, that were captured under its name: somebody else sent them.",
  severities: ['high'],
  references: ['RFC 9293 §3.4', 'RFC 9293 §3.10.7.4', 'RFC 5961 §5'],
  aliases: ['data injection', 'segment injection', 'session hijack', 'man on the side', 'mots', 'ack_data_inject', '3whs_ack_data_inject'],
  underFaults: 'A pure ACK captured in the wrong order stands below newer data, too: it counts only well after the data, by more than a round trip, with a timestamp no older, and when the peer has acknowledged them.',
  options: {},
  watches: [Kind.DISOWNED_DATA, Kind.DISOWNED_FIN],
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
      {
        title: 'a FIN in the name of the client, which sends on where it stood',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK; +0.2 C > S FIN ACK ts=0; S > C ACK; +0.2 C > S PSH ACK 50 seq=1101; S > C RST',
      },
    ],
    clean: [
      {
        title: 'a long path without timestamps holds an ACK up while data overtake it',
        conversation: 'C > S SYN ts=0; +0.3 S > C SYN ACK ts=0; C > S ACK ts=0; C > S PSH ACK 100 ts=0; +0.3 S > C PSH ACK 500 ts=0; C > S ACK ts=0; +0.08 S > C ACK seq=5001 ts=0',
      },
      {
        title: 'data beyond the own FIN: whoever sent them has counted it',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK; +0.2 C > S FIN ACK; S > C ACK; +0.2 C > S PSH ACK 50; S > C ACK',
      },
      { title: 'an ACK captured behind the data that were sent after it', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; C > S ACK seq=1001; S > C ACK' },
      {
        title: 'an ACK sent in the same millisecond as data, and held up on its way for longer',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK; +0.02 C > S ACK seq=1001 ts=-21; S > C PSH ACK 10',
      },
    ],
  },
  start: perServer({
    note(group, { kind, a, b }) {
      if (kind === Kind.DISOWNED_FIN) group.tally(FINS);
      group.most(BYTES, a);
      group.most(TAKEN, b);
    },
    judge: (group) => ({
      severity: 'high',
      confidence: group.at(FINS) < group.count ? 'high' : 'medium',
      facts: { segments_that_disown_them: group.count, injected_bytes: group.at(BYTES), acknowledged_bytes: group.at(TAKEN), injected_fins: group.at(FINS) },
      doubts: [
        ...(group.at(FINS) === group.count ? ['A broken stack that does not count its own FIN looks the same; the TTL and IP-ID of the FIN tell.'] : []),
        'Two devices that answer for one address (a failed-over balancer, a duplicate address) can disagree in the same way.',
      ],
    }),
  }),
  explain: (facts) => ({
    explanation: [
      ...(numberOf(facts, 'injected_bytes') > 0 ? [dataWords(facts)] : []),
      ...(numberOf(facts, 'injected_fins') > 0 ? [finWords(facts)] : []),
    ].join(' '),
    advice: [
      `tshark -r CAPTURE -Y '${streamOf(textOf(facts, 'example_client'), textOf(facts, 'server'))}' -T fields -e frame.number -e eth.src -e ip.ttl -e ip.id -e tcp.seq_raw -e tcp.len -e tcp.window_size_value`,
      `tcpdump -eXSnr CAPTURE ${filterOf(textOf(facts, 'server'))}   # another MAC address or TTL gives the injector away`,
      'Encrypt and authenticate the connection (TLS, TCP-AO): then injected bytes are refused.',
    ],
  }),
};

function dataWords(facts: { readonly [name: string]: Fact }): string {
  return (
    `${plural(numberOf(facts, 'injected_bytes'), 'byte')} on a connection of ${textOf(facts, 'example_client')} with ${textOf(facts, 'server')} ${numberOf(facts, 'injected_bytes') === 1 ? 'was' : 'were'} not sent by the end whose name they bear: that end went on from before them. ` +
    `The peer took ${countOf(facts, 'acknowledged_bytes')} of them as genuine and gave them to its program. From then on both ends disagree about the numbers and answer each other's ACKs; the connection usually stalls.`
  );
}

function finWords(facts: { readonly [name: string]: Fact }): string {
  return (
    `${plural(numberOf(facts, 'injected_fins'), 'FIN')} on connections of ${textOf(facts, 'example_client')} with ${textOf(facts, 'server')} closed what the end in whose name it came went on to use: its next data stand in the place of the FIN. ` +
    'The peer took that FIN for the end of the stream and answers the genuine data with a RST.'
  );
}
