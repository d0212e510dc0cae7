import { RESET_FORMS } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import type { Group } from './occurrences.ts';

/** What the form of a RST says of the code that sent it, in a sentence each. */
const WORDS: { [form: string]: string } = {
  unknown: 'Its form fits none of the usual ones.',
  'no-socket': 'A bare RST whose number is the acknowledgment of what it answers comes from a host that has no such socket (any more): it had closed in full, timed out or restarted.',
  'closed-port': 'A RST that acknowledges a SYN comes from a port on which nothing listens, or from a firewall that rejects in its name.',
  abort: 'A RST with ACK at the exact next number comes from a live socket that was aborted: closed (or its process ended) with unread data, closed with SO_LINGER 0, or given up because its peer answered no keep-alive.',
  middlebox: "Its IP header does not fit the end's other segments: a device on the path made it.",
  'answers-challenge': 'It answers a challenge ACK: the host really has no such connection any more.',
};

/** Counts a RST's form in the group's tally of that number. */
export function noteForm(group: Group, form: number): void {
  group.tally(Math.min(form, RESET_FORMS.length - 1));
}

/** How often each form came, by name. */
export function formsOf(group: Group): { [form: string]: number } {
  const counts = RESET_FORMS.map((form, index): [string, number] => [form, group.at(index)]);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** What the forms in the fact `forms` mean. */
export function formWords({ forms }: { readonly [name: string]: Fact }): string {
  return typeof forms === 'object' && forms !== null ? Object.keys(forms).map((form) => WORDS[form] ?? '').join(' ') : '';
}
