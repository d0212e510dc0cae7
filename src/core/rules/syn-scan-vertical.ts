import { listed } from './contacts.ts';
import type { Rule } from './rule.ts';
import { SCAN_WATCHES, watchScans } from './scan-watch.ts';
import { scanOfHost } from './wider-causes.ts';
import { countOf, textOf } from './words.ts';

export const synScanVertical: Rule = {
  id: 'syn-scan-vertical',
  title: 'Port scan of one host',
  summary: 'One source tries many ports of one host, and fails at most.',
  severities: ['medium'],
  references: ['RFC 9293 §3.5.2'],
  aliases: ['port scan', 'nmap', 'vertical scan', 'connect scan', 'tcp_portscan'],
  underFaults: 'Unanswered attempts count only where the client went no further, so a one-way capture of real connections is no scan.',
  options: { minimum: { default: 15, unit: 'ports', meaning: 'of one host, at which one source failed' } },
  watches: SCAN_WATCHES,
  examples: {
    flagged: [{ title: 'thirty ports, all closed', conversation: 'repeat 30 every 0.01 { C > S:# SYN; S:# > C RST ACK seq=0 }' }],
    clean: [{ title: 'thirty connections to one port', conversation: 'repeat 30 every 0.01 { C:# > S SYN; S > C:# RST ACK seq=0 }' }],
  },
  start: watchScans({
    other: (host) => host,
    target: (_host, port) => port,
    report(contact, context) {
      const { connections } = context;
      const target = connections.nameOfHost(contact.other);
      context.report({
        ...contact.draft(),
        severity: 'medium',
        confidence: 'high',
        subject: { kind: 'host', host: target },
        facts: {
          target,
          source: connections.nameOfHost(contact.source),
          ports: contact.failed.size,
          refused: contact.refused,
          unanswered: contact.unanswered,
          open_and_reset: contact.aborted,
          open_ports: listed(contact.succeeded),
          first_ports: listed(contact.failed),
        },
        doubts: [],
      });
    },
  }),
  explains: ({ facts }) => scanOfHost(textOf(facts, 'source'), textOf(facts, 'target')),
  explain: (facts) => ({
    explanation:
      `${textOf(facts, 'source')} tried ${countOf(facts, 'ports')} ports of ${textOf(facts, 'target')} without making a connection of them (${countOf(facts, 'refused')} refused, ` +
      `${countOf(facts, 'unanswered')} unanswered, ${countOf(facts, 'open_and_reset')} open but reset by the scanner). Somebody looks for services: an attacker, or your own inventory.`,
    advice: [
      `tcpdump -nr CAPTURE 'src host ${textOf(facts, 'source')} and dst host ${textOf(facts, 'target')} and tcp[13] & 0x12 = 0x02'`,
      `Ask who owns ${textOf(facts, 'source')}; if nobody does: nft add rule inet filter input ip saddr ${textOf(facts, 'source')} drop`,
    ],
  }),
};
