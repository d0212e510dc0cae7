import { Kind, otherSide } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { ConnectionView } from '../views.ts';
import type { Fact } from '../report/report.ts';
import { isUnanswered } from './unanswered.ts';
import { Contacts, Failure } from './contacts.ts';
import type { Contact } from './contacts.ts';
import type { Draft, RuleContext, RunningRule } from './rule.ts';
import { count, numberOf } from './words.ts';

/** Endings that show an attempt without success, and the handshake that shows one with. */
export const SCAN_WATCHES: readonly Kind[] = [Kind.REFUSED, Kind.HANDSHAKE_ABORTED, Kind.FLOW_ENDED, Kind.HANDSHAKE_COMPLETED];

/** What a scan rule keeps apart: ports of one host (`other` = host), or hosts on one port (`other` = port). */
export interface ScanShape {
  other(host: number, port: number): number;
  target(host: number, port: number): number;
  /** A scan as the count shows it. */
  draft(contact: Contact, connections: ConnectionView): Draft;
  /** Who else fails as often as a source below the count that the sequential test calls a scanner. */
  doubt: string;
  /** False where failures have one cause: the test is one of trials that are independent. */
  areTrials?(contact: Contact): boolean;
}

/** A rule that counts the failed attempts of each source. */
export function watchScans(shape: ScanShape): (context: RuleContext) => RunningRule {
  return (context) => {
    const contacts = new Contacts(context.connections, (source) => context.host(source).opened);
    return {
      state: contacts,
      observe: (observation) => note(observation, context, contacts, shape),
      finish() {
        for (const contact of contacts.all.values()) {
          const isScan = contact.isScan(context.option('minimum'));
          if (!isScan && !isSuspect(contact, context, shape)) continue;
          const draft = shape.draft(contact, context.connections);
          context.report(isScan ? draft : suspected(draft, contact, shape.doubt));
        }
      },
    };
  };
}

/** True of a source below the count that fails as a scanner does. */
function isSuspect(contact: Contact, context: RuleContext, shape: ScanShape): boolean {
  const { failed, succeeded, walk } = contact;
  if (walk.decidedAfter === 0 || contact.isCheck() || context.option('sequential') === 0 || failed.size < context.option('contacts')) return false;
  // The test decides early and stays with it; a capture also shows what came after, and most of that may have succeeded.
  return failed.size > succeeded.size && shape.areTrials?.(contact) !== false;
}

function suspected(draft: Draft, { walk }: Contact, doubt: string): Draft {
  return { ...draft, severity: 'low', confidence: 'medium', facts: { ...draft.facts, decided_after_contacts: walk.decidedAfter }, doubts: [doubt] };
}

/** What the sequential test says of a finding below the count, as a sentence with the space before it; empty of one beyond it. */
export function sequentialWords(facts: { readonly [name: string]: Fact }): string {
  const after = numberOf(facts, 'decided_after_contacts');
  if (after === 0) return '';
  return ` They are few, but after ${count(after)} first contacts so many had failed that a scanner explains them 99 times better (sequential test of Jung et al., 2004).`;
}

function note(observation: Observation, context: RuleContext, contacts: Contacts, shape: ScanShape): void {
  const { connections } = context;
  const { kind, flow } = observation;
  const isEnd = kind === Kind.FLOW_ENDED;
  if (isEnd && !isUnanswered(connections, flow)) return;
  // Successes count for those only that have failed.
  if (kind === Kind.HANDSHAKE_COMPLETED && contacts.all.size === 0) return;
  const client = connections.client(flow);
  const server = otherSide(client);
  const source = connections.hostIndex(flow, client);
  const host = connections.hostIndex(flow, server);
  const port = connections.port(flow, server);
  const other = shape.other(host, port);
  const target = shape.target(host, port);
  if (kind === Kind.HANDSHAKE_COMPLETED) contacts.succeed(source, other, target);
  // An unanswered attempt is known at the end only, but it was made when the flow began.
  else contacts.fail(source, other, target, failureOf(kind), isEnd ? connections.started(flow) : observation.time, observation);
}

function failureOf(kind: Kind): Failure {
  return kind === Kind.FLOW_ENDED ? Failure.UNANSWERED : kind === Kind.REFUSED ? Failure.REFUSED : Failure.ABORTED;
}
