import type { Fact } from '../report/report.ts';
import type { Group } from './occurrences.ts';
import type { RuleContext } from './rule.ts';
import { wilson, Z_95_TWO_SIDED } from './statistics/wilson.ts';
import type { Interval } from './statistics/wilson.ts';
import { count, numberOf, percent, plural } from './words.ts';

/** The share of a server's connections that failed (all of the group unless told), with Wilson's interval at 95 %. The group's key is the server. */
export function failureShare(group: Group, context: RuleContext, failed = group.flowCount()): Interval & { connections: number; share: number } {
  const connections = Math.max(context.server(group.key).connections, failed);
  return { connections, share: failed / connections, ...wilson(failed, connections, Z_95_TWO_SIDED) };
}

/** The same as facts. */
export function failureFacts(group: Group, context: RuleContext): { [name: string]: Fact } {
  const { connections, share, lower, upper } = failureShare(group, context);
  return {
    connections_of_server: connections,
    failed_share: rounded(share),
    failed_share_lower: rounded(lower),
    failed_share_upper: rounded(upper),
  };
}

/** The facts in words: "12 of 340 connections, 3.5 % (2 % to 6.1 %)". Empty where they were not counted. */
export function failureWords(facts: { readonly [name: string]: Fact }): string {
  const all = numberOf(facts, 'connections_of_server');
  const failed = numberOf(facts, 'connections');
  if (all === 0 || facts['servers'] !== undefined) return '';
  const [share, lower, upper] = ['failed_share', 'failed_share_lower', 'failed_share_upper'].map((name) => percent(numberOf(facts, name)));
  return `${count(failed)} of ${plural(all, 'connection')}, ${share} (95 % confidence: ${lower} to ${upper})`;
}

/** The same as a sentence to append, with the space before it. */
export function failureSentence(facts: { readonly [name: string]: Fact }): string {
  const words = failureWords(facts);
  return words === '' ? '' : ` That is ${words}.`;
}

function rounded(share: number): number {
  return Number(share.toPrecision(3));
}
