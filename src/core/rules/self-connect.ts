import { Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { textOf } from './words.ts';

export const selfConnect: Rule = {
  id: 'self-connect',
  title: 'A socket connected to itself',
  summary: 'Source and destination are the same address and port.',
  severities: ['info'],
  references: ['RFC 9293 §3.5'],
  aliases: ['land', 'self connection'],
  underFaults: 'Does not depend on the quality of the capture.',
  options: {},
  watches: [Kind.SELF_CONNECT],
  examples: {
    flagged: [{ title: 'a client draws the very port it connects to', conversation: 'S > S SYN; S > S SYN ACK seq=-1' }],
    clean: [{ title: 'a plain handshake', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK' }],
  },
  start: perServer({ judge: () => ({ severity: 'info', confidence: 'high', facts: {} }) }),
  explain: (facts) => ({
    explanation:
      `${textOf(facts, 'server')} is connected to itself. A program that retries a local port on which nothing listens can draw that very port as its own ` +
      'and connect to itself; it then reads back what it writes, and the real server cannot bind the port. From outside, such a SYN is the old LAND attack.',
    advice: ['sysctl net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports', 'Keep server ports out of the ephemeral range.'],
  }),
};
