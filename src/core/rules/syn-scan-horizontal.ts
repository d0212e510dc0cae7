import type { ConnectionView } from '../views.ts';
import { listed } from './contacts.ts';
import type { Contact } from './contacts.ts';
import type { Draft, Rule } from './rule.ts';
import { SCAN_WATCHES, sequentialWords, watchScans } from './scan-watch.ts';
import { scanOfPort } from './wider-causes.ts';
import { countOf, flagsByte, numberOf, textOf } from './words.ts';

export const synScanHorizontal: Rule = {
  id: 'syn-scan-horizontal',
  title: 'Scan of many hosts on one port',
  summary: 'One source tries one port on many hosts, and fails at most; or its first contacts fail so often that the sequential test calls it a scanner.',
  severities: ['medium', 'low'],
  references: ['RFC 9293 §3.5.2'],
  aliases: ['sweep', 'address scan', 'horizontal scan', 'worm', 'trw', 'threshold random walk', 'slow scan'],
  underFaults: 'Unanswered attempts count only where the client went no further. Loss makes benign contacts fail now and then: the sequential test expects one in five to.',
  options: {
    minimum: { default: 25, unit: 'hosts', meaning: 'on one port, at which one source failed' },
    sequential: { default: 1, unit: '0 or 1', meaning: '1: the sequential test (TRW: 0.8 of benign and 0.2 of scanning first contacts succeed, alpha 0.01, beta 0.99) finds slower ones, too' },
    contacts: { default: 8, unit: 'hosts', meaning: 'at which the source failed, that the sequential test wants at least: one stale list of a few addresses is no scan' },
  },
  watches: SCAN_WATCHES,
  skipsOrderly: true,
  examples: {
    flagged: [
      { title: 'forty hosts, none answers', conversation: 'repeat 40 every 0.01 { C > S# SYN }' },
      { title: 'ten hosts, one a minute, all refuse', conversation: 'repeat 10 every 60 { C > S# SYN; S# > C RST ACK seq=0 }' },
    ],
    clean: [
      { title: 'forty hosts, all serve', conversation: 'repeat 40 every 0.01 { C > S# SYN; S# > C SYN ACK; C > S# ACK }' },
      {
        title: 'ten hosts refuse, among as many that serve',
        conversation: 'repeat 10 every 60 { C:# > S# SYN; S# > C:# SYN ACK; C:# > S# ACK; C:# > R#:443 SYN; R#:443 > C:# RST ACK seq=0 }',
      },
      {
        title: 'ten hosts refuse at first, and then twenty serve',
        conversation: 'repeat 10 every 1 { C > R#:443 SYN; R#:443 > C RST ACK seq=0 }; repeat 20 every 1 { C > S# SYN; S# > C SYN ACK; C > S# ACK }',
      },
    ],
  },
  start: watchScans({
    other: (_host, port) => port,
    target: (host) => host,
    draft: draftOf,
    doubt: 'A program with a stale list of hosts, or without a way to some of them, fails as often.',
  }),
  explains: ({ facts }) => scanOfPort(textOf(facts, 'source'), numberOf(facts, 'port')),
  explain: (facts) => ({
    ...(numberOf(facts, 'decided_after_contacts') > 0 && { title: "A source whose first contacts fail as a scanner's do" }),
    explanation:
      `${textOf(facts, 'source')} tried port ${numberOf(facts, 'port')} on ${facts['at_least'] === true ? 'at least ' : ''}${countOf(facts, 'hosts')} hosts without making a connection (${countOf(facts, 'refused')} refused, ` +
      `${countOf(facts, 'unanswered')} unanswered). Worms and address scans do that, and so do monitoring systems with a stale list of hosts.` +
      sequentialWords(facts),
    advice: [`tcpdump -nr CAPTURE 'src host ${textOf(facts, 'source')} and dst port ${numberOf(facts, 'port')} and ${flagsByte(textOf(facts, 'source'))} & 0x12 = 0x02'`],
  }),
};

function draftOf(contact: Contact, connections: ConnectionView): Draft {
  const source = connections.nameOfHost(contact.source);
  return {
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
      ...(contact.beyond && { at_least: true }),
    },
    doubts: [],
  };
}
