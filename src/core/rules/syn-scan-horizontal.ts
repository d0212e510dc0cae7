import { listed } from './contacts.ts';
import type { Rule } from './rule.ts';
import { SCAN_WATCHES, watchScans } from './scan-watch.ts';
import { scanOfPort } from './wider-causes.ts';
import { numberOf, textOf } from './words.ts';

export const synScanHorizontal: Rule = {
  id: 'syn-scan-horizontal',
  title: 'Scan of many hosts on one port',
  summary: 'One source tries one port on many hosts, and fails at most.',
  severities: ['medium'],
  references: ['RFC 9293 §3.5.2'],
  aliases: ['sweep', 'address scan', 'horizontal scan', 'worm'],
  underFaults: 'Unanswered attempts count only where the client went no further.',
  options: { minimum: { default: 25, unit: 'hosts', meaning: 'on one port, at which one source failed' } },
  watches: SCAN_WATCHES,
  examples: {
    flagged: [{ title: 'forty hosts, none answers', conversation: 'repeat 40 every 0.01 { C > S# SYN }' }],
    clean: [{ title: 'forty hosts, all serve', conversation: 'repeat 40 every 0.01 { C > S# SYN; S# > C SYN ACK; C > S# ACK }' }],
  },
  start: watchScans({
    other: (_host, port) => port,
    target: (host) => host,
    report(contact, context) {
      const { connections } = context;
      const source = connections.nameOfHost(contact.source);
      context.report({
        ...contact.draft(),
        severity: 'medium',
        confidence: 'high',
        subject: { kind: 'host', host: source },
        facts: {
          source,
          port: contact.other,
          hosts: contact.failed.size,
          refused: contact.refused,
          unanswered: contact.unanswered,
          open_and_reset: contact.aborted,
          connected: contact.succeeded.size,
          first_hosts: listed(contact.failed, 20).map((host) => connections.nameOfHost(host)),
        },
        doubts: [],
      });
    },
  }),
  explains: ({ facts }) => scanOfPort(textOf(facts, 'source'), numberOf(facts, 'port')),
  explain: (facts) => ({
    explanation:
      `${textOf(facts, 'source')} tried port ${numberOf(facts, 'port')} on ${numberOf(facts, 'hosts')} hosts without making a connection (${numberOf(facts, 'refused')} refused, ` +
      `${numberOf(facts, 'unanswered')} unanswered). Worms and address scans do that, and so do monitoring systems with a stale list of hosts.`,
    advice: [`tcpdump -nr CAPTURE 'src host ${textOf(facts, 'source')} and dst port ${numberOf(facts, 'port')} and tcp[13] & 0x12 = 0x02'`],
  }),
};
