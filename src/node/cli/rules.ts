import type { ExampleResult, Paint, Rule } from '../../core/index.ts';
import { checkExamples, ENGINE_OPTIONS, escapeControls, prettyJson, RULES, rulesNamed, TableWriter, wrap } from '../../core/index.ts';
import type { Command } from './command.ts';
import { DONE, FOUND } from './command.ts';
import { UsageError } from './errors.ts';
import type { Values } from './options.ts';
import { CONFIG, RULES_FROM } from './options.ts';
import { Output } from './output.ts';
import { chooseFormat, formatOption } from './session.ts';
import { suggestion } from '../suggest.ts';
import { paintFor, widthOf } from './terminal.ts';

const PROSE_WIDTH = 100;

/**
 * What a name stands for: rules to show, or a list to choose from of those that have it as a part of their names; all without one.
 * Throws `UsageError` when there is none.
 */
function lookUp(name: string | undefined, all: readonly Rule[]): { found: readonly Rule[]; isList: boolean } {
  if (name === undefined) return { found: all, isList: true };
  const { rules: found, isPart } = rulesNamed(name, all);
  if (found.length > 0) return { found, isList: isPart && found.length > 1 };
  const names = all.flatMap((rule) => [rule.id, ...rule.aliases]);
  throw new UsageError(`no rule is called ${name}${suggestion(name, names, 'synoptic rules lists them')}`);
}

interface Setting {
  name: string;
  default: number;
  unit: string;
  meaning: string;
}

function* settings(title: string, all: readonly Setting[], width: number, paint: Paint): Generator<string> {
  if (all.length === 0) return;
  yield '';
  yield paint('heading', title);
  for (const { name, default: value, unit, meaning } of all) {
    yield `  ${paint('command', `${name}=${value}`)} (${unit})`;
    for (const line of wrap(meaning, width - 6)) yield `      ${line}`;
  }
}

function* page(rule: Rule, terminalWidth: number, paint: Paint): Generator<string> {
  const width = Math.min(terminalWidth, PROSE_WIDTH);
  for (const line of wrap(`${rule.id}: ${rule.title}`, width)) yield paint('heading', line);
  yield* wrap(rule.summary, width);
  yield '';
  const facts: [string, string][] = [
    ['Severity', rule.severities.join(', ')],
    ['Also called', rule.aliases.join(', ')],
    ['References', rule.references.join(', ')],
    ['With a poor capture', rule.underFaults],
  ];
  for (const [label, text] of facts) {
    if (text !== '') yield* wrap(`${label}: ${text}`, width);
  }
  yield* settings('Settings (--set NAME=NUMBER)',
    Object.entries(rule.options).map(([name, option]) => ({ ...option, name: `${rule.id}.${name}` })), width, paint);
  for (const [heading, examples] of [['Found in', rule.examples.flagged], ['Not found in', rule.examples.clean]] as const) {
    for (const { title, conversation } of examples) {
      yield '';
      for (const line of wrap(`${heading}: ${title}`, width)) yield paint('heading', line);
      for (const line of conversation.trim().split('\n')) yield `    ${line.trim()}`;
    }
  }
}

function* list(all: readonly Rule[], width: number, paint: Paint): Generator<string> {
  const table = new TableWriter<Rule>([
    { title: 'Rule', cell: (rule) => rule.id },
    { title: 'At worst', rank: 2, cell: (rule) => rule.severities[0] ?? '' },
    { title: 'Finds', cut: true, cell: (rule) => rule.title },
  ], width, (line) => paint('heading', line));
  yield (all.map((rule) => table.write(rule)).join('') + table.end()).trimEnd();
  if (all.length >= RULES.length) yield* settings('Settings of the engine (--set NAME=NUMBER)',
    Object.entries(ENGINE_OPTIONS).map(([name, option]) => ({ ...option, name })), Math.min(width, PROSE_WIDTH), paint);
  yield '';
  for (const line of wrap('synoptic rules ID shows a rule with its settings and examples.', width)) yield paint('quiet', line);
}

/** What there is to know about a rule, for a program. */
function metadata({ id, title, summary, severities, references, aliases, underFaults, options, examples }: Rule): object {
  return { id, title, summary, severities, references, aliases, under_faults: underFaults, options, examples };
}

function* json(rule: Rule | undefined, all: readonly Rule[]): Generator<string> {
  yield prettyJson(rule === undefined ? { rules: all.map(metadata), settings: ENGINE_OPTIONS } : metadata(rule));
}

const FORMATS = [
  { name: 'text', extension: 'txt', summary: 'for people' },
  { name: 'json', extension: 'json', summary: 'all that is known of the rules as one JSON object' },
] as const;

/** One rule, or without one a list. */
function* linesOf(rule: Rule | undefined, all: readonly Rule[], values: Values, { fd }: Output): Generator<string> {
  const paint = paintFor(fd, !values.flags.has('no-color'));
  const width = widthOf(fd);
  if (chooseFormat(FORMATS, values, FORMATS[0]).name === 'json') yield* json(rule, all);
  else if (rule === undefined) yield* list(all, width, paint);
  else yield* page(rule, width, paint);
}

function resultLine(rule: Rule, { title, expected, problem }: ExampleResult): string {
  const kind = expected === 'flagged' ? 'found in' : 'not found in';
  return `${problem === null ? 'ok    ' : 'FAILED'} ${rule.id}, ${kind}: ${title}${problem === null ? '' : `: ${problem}`}`;
}

/** Plays the examples of the rules and writes what became of each. True when all pass. */
function check(chosen: readonly Rule[], output: Output): boolean {
  let passed = 0;
  let failed = 0;
  for (const rule of chosen) {
    for (const result of checkExamples(rule)) {
      if (result.problem === null) passed += 1;
      else failed += 1;
      output.write(`${escapeControls(resultLine(rule, result))}\n`);
    }
  }
  output.write(`${passed} of ${passed + failed} examples pass\n`);
  return failed === 0;
}

export const rules: Command = {
  name: 'rules',
  summary: 'list what can be found; with ID: one rule, its settings and its examples',
  operand: { name: 'id', count: 'optional', summary: 'id of a rule, a name that others give it, or a part of one' },
  options: {
    format: formatOption(FORMATS),
    'rules-from': RULES_FROM,
    check: { kind: 'flag', summary: 'play the examples, each as a capture, and say which pass; exit 1 when one fails', group: 'Analysis:' },
    output: { kind: 'text', alias: 'o', value: 'FILE', summary: 'write to FILE instead of standard output', group: 'Output:' },
    'no-color': { kind: 'flag', summary: 'no colour (as with NO_COLOR in the environment)', group: 'Output:' },
    config: CONFIG,
  },
  examples: [
    ['synoptic rules close-wait-leak', 'what it means, what settings it has'],
    ['synoptic rules --rules-from own-rule.js --check', 'do the examples of my rules pass?'],
  ],
  async run([id], values) {
    const from = values.lists.get('rules-from');
    const own = from === undefined ? [] : await (await import('../index.ts')).loadRules(from);
    const all = [...RULES, ...own];
    const { found, isList } = lookUp(id, all);
    const output = Output.open(values.texts.get('output'));
    if (values.flags.has('check')) {
      const passed = check(id === undefined && own.length > 0 ? own : found, output);
      output.finish();
      return passed ? DONE : FOUND;
    }
    (isList ? [undefined] : found).forEach((rule, index) => {
      if (index > 0) output.write('\n');
      for (const line of linesOf(rule, found, values, output)) output.write(`${line}\n`);
    });
    output.finish();
    return DONE;
  },
};
