import { Kind } from '../observations.ts';
import type { Observation } from '../observations.ts';
import { isUnanswered } from './unanswered.ts';
import { attemptOf, Contacts } from './contacts.ts';
import type { Contact } from './contacts.ts';
import type { RuleContext, RunningRule } from './rule.ts';

/** Endings that show an attempt without success, and the handshake that shows one with. */
export const SCAN_WATCHES: readonly Kind[] = [Kind.REFUSED, Kind.HANDSHAKE_ABORTED, Kind.FLOW_ENDED, Kind.HANDSHAKE_COMPLETED];

/** What a scan rule keeps apart: ports of one host (`other` = host), or hosts on one port (`other` = port). */
export interface ScanShape {
  other(attempt: { host: number; port: number }): number;
  target(attempt: { host: number; port: number }): number;
  report(contact: Contact, context: RuleContext): void;
}

/** A rule that counts the failed attempts of each source. */
export function watchScans(shape: ScanShape): (context: RuleContext) => RunningRule {
  return (context) => {
    const contacts = new Contacts();
    return {
      observe: (observation) => note(observation, context, contacts, shape),
      finish() {
        for (const contact of contacts.all.values()) if (contact.isScan(context.option('minimum'))) shape.report(contact, context);
      },
    };
  };
}

function note(observation: Observation, context: RuleContext, contacts: Contacts, shape: ScanShape): void {
  const { connections } = context;
  const { kind, flow } = observation;
  const isEnd = kind === Kind.FLOW_ENDED;
  if (isEnd && !isUnanswered(connections, flow)) return;
  const attempt = attemptOf(observation, connections);
  const other = shape.other(attempt);
  if (kind === Kind.HANDSHAKE_COMPLETED) {
    contacts.get(attempt.source, other)?.succeeded.add(shape.target(attempt));
    return;
  }
  // An unanswered attempt is known at the end only, but it was made when the flow began.
  const contact = contacts.add(attempt.source, other, isEnd ? connections.started(flow) : observation.time);
  contact.fail(shape.target(attempt), observation, connections);
  if (isEnd) contact.unanswered += 1;
  else if (kind === Kind.REFUSED) contact.refused += 1;
  else contact.aborted += 1;
}
