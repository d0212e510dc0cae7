import { Kind } from '../observations.ts';
import { ENGINE_OPTIONS } from '../options.ts';
import { SEVERITIES } from '../report/report.ts';
import { RuleError } from './errors.ts';
import { guarded } from './guarded-rule.ts';
import type { Rule } from './rule.ts';

/** Judges one field: null when it will do, else what it must be. */
type Check = (value: unknown) => string | null;

const ID = /^[a-z]+(-[a-z0-9]+)*$/;
/** First parts of the engine's settings: `--set capture.duplicate-window=` must not mean a rule. */
const ENGINE_GROUPS: ReadonlySet<string> = new Set(Object.keys(ENGINE_OPTIONS).map((name) => name.slice(0, name.indexOf('.'))));
const KINDS: ReadonlySet<unknown> = new Set(Object.values(Kind));

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isList = (value: unknown, of: (item: unknown) => boolean): boolean => Array.isArray(value) && value.every(of);
const isTable = (value: unknown): value is { readonly [name: string]: unknown } => typeof value === 'object' && value !== null && !Array.isArray(value);

const isKinds = (value: unknown): boolean => isList(value, (each) => KINDS.has(each));

const text: Check = (value) => (isText(value) ? null : 'a text that is not empty');
const texts: Check = (value) => (isList(value, isText) ? null : 'a list of texts (it may be empty)');
const optional: Check = (value) => (value === undefined || typeof value === 'function' ? null : 'a function, or left out');
const flag: Check = (value) => (value === undefined || value === true ? null : 'true, or left out');
const method: Check = (value) => (typeof value === 'function' ? null : 'a function');

const FIELDS: { readonly [Name in keyof Rule]: Check } = {
  id: (value) => (isText(value) && ID.test(value) ? null : 'a name of lower-case letters, digits and hyphens, like "slow-handshake"'),
  title: text,
  summary: text,
  severities: (value) => (isList(value, (each) => SEVERITIES.some((severity) => severity === each)) && !isEmpty(value) ? null : `a list of ${SEVERITIES.join(', ')}, the gravest first`),
  references: texts,
  aliases: texts,
  underFaults: text,
  options: (value) => (isTable(value) && Object.values(value).every(isOption) ? null : 'an object of { default: number, unit: text, meaning: text } by name'),
  watches: (value) => (isKinds(value) && !isEmpty(value) ? null : 'a list of values of Kind that is not empty'),
  afterwards: (value) => (value === undefined || isKinds(value) ? null : 'a list of values of Kind, or left out'),
  skipsOrderly: flag,
  timed: flag,
  examples: (value) =>
    isTable(value) && isList(value['flagged'], isExample) && isList(value['clean'], isExample) ? null : '{ flagged: [], clean: [] } with examples { title: text, conversation: text }',
  start: method,
  explains: optional,
  explainedBy: optional,
  explain: method,
};

/** Rules of the caller's own, checked and guarded: what they throw at work becomes a `RuleError`. Throws as `checkRules`. */
export function acceptRules(values: readonly unknown[], taken: readonly Rule[]): Rule[] {
  return checkRules(values, taken).map(guarded);
}

/**
 * The values, if they are rules. Throws `RuleError` for what is no rule, and for an id that is taken.
 *
 * @param taken rules whose ids are not to be had any more
 */
export function checkRules(values: readonly unknown[], taken: readonly Rule[]): Rule[] {
  const ids = new Set(taken.map(({ id }) => id));
  return values.map((value, index) => {
    const rule = checked(value, values.length > 1 ? `rule ${index + 1} of ${values.length}` : 'the rule');
    if (ids.has(rule.id)) throw new RuleError(rule.id, `the id "${rule.id}" is taken; call the rule something else`);
    if (ENGINE_GROUPS.has(rule.id)) throw new RuleError(rule.id, `the id "${rule.id}" is the name of a group of settings; call the rule something else`);
    ids.add(rule.id);
    return rule;
  });
}

function checked(value: unknown, position: string): Rule {
  if (!isTable(value)) throw new RuleError('', `${position} is no object; a rule has ${Object.keys(FIELDS).join(', ')}`);
  const { id } = value;
  const name = isText(id) ? `rule "${id}"` : position;
  for (const [field, check] of Object.entries(FIELDS)) {
    const wanted = check(value[field]);
    if (wanted === null) continue;
    const problem = value[field] === undefined ? 'is missing' : 'is wrong';
    throw new RuleError(isText(id) ? id : '', `${name}: "${field}" ${problem}; it must be ${wanted}`);
  }
  return value as object as Rule;
}

function isOption(value: unknown): boolean {
  if (!isTable(value)) return false;
  const { default: initial, unit, meaning } = value;
  return typeof initial === 'number' && Number.isFinite(initial) && initial >= 0 && isText(unit) && isText(meaning);
}

function isExample(value: unknown): boolean {
  return isTable(value) && isText(value['title']) && isText(value['conversation']);
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
