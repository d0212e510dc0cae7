import { CONFIDENCES } from '../report/report.ts';
import type { Rule } from './rule.ts';

/** Facts that nest deeper than this are refused: a list that holds itself must not hang a format. */
const DEEPEST_FACT = 8;

/** What is wrong with a draft that a rule not ours reports: "severity must be …", a clause after "whose". Null when it will do. */
export function problemOfDraft(draft: unknown, rule: Rule): string | null {
  if (!isTable(draft)) return 'draft is no object';
  const { severity, confidence, subject, first, last, count, flows, packets, moreFlows, morePackets, facts, doubts } = draft;
  if (!rule.severities.some((each) => each === severity)) return `severity must be one of the rule's own: ${rule.severities.join(', ')}`;
  if (!CONFIDENCES.some((each) => each === confidence)) return `confidence must be one of ${CONFIDENCES.join(', ')}`;
  if (!isSubject(subject)) return "subject must be { kind: 'flow', flow, client, server }, { kind: 'endpoint', endpoint }, { kind: 'host', host } or { kind: 'capture' }";
  if (!isFinite(first) || !isFinite(last) || first > last) return 'first and last must be nanoseconds since the first frame, first not after last';
  if (!isCount(count) || count === 0) return 'count must be a whole number above 0';
  if (!isCounts(flows) || !isCounts(packets)) return 'flows and packets must be lists of whole numbers';
  if (![moreFlows, morePackets].every((more) => more === undefined || isCount(more))) return 'moreFlows and morePackets must be whole numbers where they are given';
  if (!isTable(facts) || !isFact(facts, 0)) return `facts must be plain JSON with finite numbers, at most ${DEEPEST_FACT} levels deep`;
  if (!isTexts(doubts)) return 'doubts must be a list of texts (it may be empty)';
  return null;
}

/** What is wrong with what `explain` returned; null when it will do. */
export function problemOfExplanation(explained: unknown): string | null {
  if (!isTable(explained)) return 'it is no object';
  const { title, explanation, advice } = explained;
  if (title !== undefined && typeof title !== 'string') return 'title is no text';
  if (typeof explanation !== 'string') return 'explanation is no text';
  return isTexts(advice) ? null : 'advice is no list of texts';
}

function isSubject(subject: unknown): boolean {
  if (!isTable(subject)) return false;
  switch (subject['kind']) {
    case 'flow':
      return isCount(subject['flow']) && typeof subject['client'] === 'string' && typeof subject['server'] === 'string';
    case 'endpoint':
      return typeof subject['endpoint'] === 'string';
    case 'host':
      return typeof subject['host'] === 'string';
    default:
      return subject['kind'] === 'capture';
  }
}

function isFact(value: unknown, depth: number): boolean {
  if (depth > DEEPEST_FACT) return false;
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (Array.isArray(value)) return value.every((each) => isFact(each, depth + 1));
  return isTable(value) && Object.values(value).every((each) => isFact(each, depth + 1));
}

function isTable(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isCount);
}
