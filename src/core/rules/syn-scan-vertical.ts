import { listed, draftOfHostScan } from './contacts.ts';
import type { Rule } from './rule.ts';
import { SCAN_WATCHES, sequentialWords, watchScans } from './scan-watch.ts';
import { scanOfHost } from './wider-causes.ts';
import { countOf, flagsByte, numberOf, sourceMatch, textOf } from './words.ts';

export const synScanVertical: Rule = {
  id: 'syn-scan-vertical',
  title: 'Port scan of one host',
  summary: 'One source tries many ports of one host, and fails at most; or its first contacts with them fail so often that the sequential test calls it a scanner.',
  severities: ['medium', 'low'],
  references: ['RFC 9293 §3.5.2'],
  aliases: ['port scan', 'nmap', 'vertical scan', 'connect scan', 'tcp_portscan'],
  underFaults: 'Unanswered attempts count only where the client went no further, so a one-way capture of real connections is no scan.',
  options: {
    minimum: { default: 15, unit: 'ports', meaning: 'of one host, at which one source failed' },
    sequential: { default: 1, unit: '0 or 1', meaning: '1: the sequential test (TRW, as in syn-scan-horizontal) finds fewer, too, where the host shows that it is up' },
    contacts: { default: 8, unit: 'ports', meaning: 'at which the source failed, that the sequential test wants at least' },
  },
  watches: SCAN_WATCHES,
  skipsOrderly: true,
  examples: {
    flagged: [
      { title: 'thirty ports, all closed', conversation: 'repeat 30 every 0.01 { C > S:# SYN; S:# > C RST ACK seq=0 }' },
      { title: 'ten ports, one a minute, all closed', conversation: 'repeat 10 every 60 { C > S:# SYN; S:# > C RST ACK seq=0 }' },
    ],
    clean: [
      { title: 'thirty connections to one port', conversation: 'repeat 30 every 0.01 { C:# > S SYN; S > C:# RST ACK seq=0 }' },
      { title: 'ten ports of a host that is down', conversation: 'repeat 10 every 60 { C > S:# SYN; +1 C > S:# SYN again }' },
    ],
  },
  start: watchScans({
    other: (host) => host,
    target: (_host, port) => port,
    draft: (contact, connections) =>
      draftOfHostScan(contact, connections, {
        ports: contact.failed.size,
        refused: contact.refused,
        unanswered: contact.unanswered,
        open_and_reset: contact.aborted,
        open_ports: listed(contact.succeeded),
        first_ports: listed(contact.failed),
      }),
    doubt: 'A program that looks for a service on several ports, or a host whose services are all stopped, fails as often.',
    // Of a host that is down, or wholly filtered, every port fails: those are no trials of their own. One that refuses answers for each port.
    areTrials: (contact) => contact.refused + contact.aborted > contact.unanswered,
  }),
  explains: ({ facts }) => scanOfHost(textOf(facts, 'source'), textOf(facts, 'target')),
  explain: (facts) => ({
    ...(numberOf(facts, 'decided_after_contacts') > 0 && { title: "A source whose first contacts with ports fail as a scanner's do" }),
    explanation:
      `${textOf(facts, 'source')} tried ${facts['at_least'] === true ? 'at least ' : ''}${countOf(facts, 'ports')} ports of ${textOf(facts, 'target')} without making a connection of them (${countOf(facts, 'refused')} refused, ` +
      `${countOf(facts, 'unanswered')} unanswered, ${countOf(facts, 'open_and_reset')} open but reset by the scanner). Somebody looks for services: an attacker, or your own inventory.` +
      sequentialWords(facts),
    advice: [
      `tcpdump -nr CAPTURE 'src host ${textOf(facts, 'source')} and dst host ${textOf(facts, 'target')} and ${flagsByte(textOf(facts, 'target'))} & 0x12 = 0x02'`,
      `Ask who owns ${textOf(facts, 'source')}; if nobody does: nft add rule inet filter input ${sourceMatch(textOf(facts, 'source'))} drop`,
    ],
  }),
};
