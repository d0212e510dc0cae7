import { Kind } from '../observations.ts';
import type { Fact, Subject } from '../report/report.ts';
import { perServer } from './per-server.ts';
import { formsOf, formWords, noteForm } from './reset-forms.ts';
import type { Explanation, Rule } from './rule.ts';
import { count, filterOf, nameOf, numberOf, plural, textOf } from './words.ts';

/** Tallies: one a form (0 to 6), then lost bytes, connections that lost some, and those of which it is unknown. */
const LOST_BYTES = 8;
const LOST = 9;
const UNKNOWN = 10;

export const rstAfterFin: Rule = {
  id: 'rst-after-fin',
  title: 'Connection reset after a FIN',
  summary: 'A close that had begun in order with a FIN ended with a RST.',
  severities: ['medium', 'low', 'info'],
  references: ['RFC 9293 §3.5.2', 'RFC 9293 §3.6', 'RFC 2525 §2.17'],
  aliases: ['rst after fin', 'fin then rst', 'unclean close', 'pending_data_when_closed'],
  underFaults: 'Lost bytes count only where the capture shows that they were sent and never acknowledged; with capture loss the confidence falls.',
  options: {},
  watches: [Kind.RESET_AFTER_FIN],
  examples: {
    flagged: [
      {
        title: 'the client closes, the server still sends, and the client has no socket any more',
        conversation: `
          C > S  SYN
          S > C  SYN ACK
          C > S  ACK
          C > S  PSH ACK 100
          C > S  FIN ACK
          S > C  ACK
          S > C  PSH ACK 500
          C > S  RST`,
      },
    ],
    clean: [
      {
        title: 'both ends close in order',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK',
      },
    ],
  },
  start: perServer({
    note(group, { a, b }) {
      noteForm(group, a);
      if (b > 0) {
        group.tally(LOST);
        group.tally(LOST_BYTES, b);
      } else if (b < 0) group.tally(UNKNOWN);
    },
    judge(group) {
      const lost = group.at(LOST);
      return {
        // A RST instead of the last ACK is everyday; data that the application never got is not.
        severity: lost > 0 ? (lost >= 3 ? 'medium' : 'low') : 'info',
        confidence: lost > 0 && group.at(UNKNOWN) > lost ? 'medium' : 'high',
        facts: { forms: formsOf(group), with_lost_data: lost, lost_bytes: group.at(LOST_BYTES), loss_unknown: group.at(UNKNOWN) },
      };
    },
  }),
  explain,
};

function explain(facts: { readonly [name: string]: Fact }, subject: Subject): Explanation {
  const lost = numberOf(facts, 'with_lost_data');
  const by = textOf(facts, 'by') === 'both' ? 'either end' : `the ${textOf(facts, 'by')}`;
  return {
    explanation:
      `${plural(numberOf(facts, 'connections'), 'connection')} with ${textOf(facts, 'server')} ended with a RST from ${by} although one end had already sent its FIN. ` +
      `${formWords(facts)} ` +
      (lost > 0
        ? `On ${count(lost)} of them ${plural(numberOf(facts, 'lost_bytes'), 'byte')} of application data never arrived.`
        : 'No application data is known to be lost: this is untidy, seldom harmful.'),
    advice: [
      `tcpdump -nr CAPTURE ${filterOf(textOf(facts, 'server'), ' and tcp[tcpflags] & (tcp-rst|tcp-fin) != 0')}`,
      'nstat -az TcpExtTCPAbortOnData TcpExtTCPAbortOnClose TcpEstabResets',
      lost > 0 ? `Let the program at ${nameOf(subject)} read until end-of-file before it closes, or shut down one direction first.` : 'Nothing needs to be done.',
    ],
  };
}
