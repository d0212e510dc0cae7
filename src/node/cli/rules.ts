import type { Paint, Rule } from '../../core/index.ts';
import { ENGINE_OPTIONS, prettyJson, RULES, TableWriter, wrap } from '../../core/index.ts';
import type { Command } from './command.ts';
import { DONE } from './command.ts';
import { UsageError } from './errors.ts';
import type { Values } from './options.ts';
import { Output } from './output.ts';
import { chooseFormat, formatOption } from './session.ts';
import { suggestion } from './suggest.ts';
import { paintFor, widthOf } from './terminal.ts';

const PROSE_WIDTH = 100;

/** The rule of that id, or every rule that others call so. Throws `UsageError` when there is none. */
function lookUp(name: string): readonly Rule[] {
  const wanted = name.toLowerCase();
  const exact = RULES.find((rule) => rule.id === wanted);
  const found = exact === undefined ? RULES.filter((rule) => rule.aliases.some((alias) => alias.toLowerCase() === wanted)) : [exact];
  if (found.length > 0) return found;
  const names = RULES.flatMap((rule) => [rule.id, ...rule.aliases]);
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
  yield paint('heading', `${rule.id}: ${rule.title}`);
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
      yield paint('heading', `${heading}: ${title}`);
      for (const line of conversation.trim().split('\n')) yield `    ${line.trim()}`;
    }
  }
}

function* list(width: number, paint: Paint): Generator<string> {
  const table = new TableWriter<Rule>([
    { title: 'Rule', cell: (rule) => rule.id },
    { title: 'At worst', rank: 2, cell: (rule) => rule.severities[0] ?? '' },
    { title: 'Finds', cut: true, cell: (rule) => rule.title },
  ], width, (line) => paint('heading', line));
  yield (RULES.map((rule) => table.write(rule)).join('') + table.end()).trimEnd();
  yield* settings('Settings of the engine (--set NAME=NUMBER)',
    Object.entries(ENGINE_OPTIONS).map(([name, option]) => ({ ...option, name })), Math.min(width, PROSE_WIDTH), paint);
  yield '';
  yield paint('quiet', 'synoptic rules ID shows a rule with its settings and examples.');
}

/** What there is to know about a rule, for a program. */
function metadata({ id, title, summary, severities, references, aliases, underFaults, options, examples }: Rule): object {
  return { id, title, summary, severities, references, aliases, under_faults: underFaults, options, examples };
}

function* json(rule: Rule | undefined): Generator<string> {
  yield prettyJson(rule === undefined ? { rules: RULES.map(metadata), settings: ENGINE_OPTIONS } : metadata(rule));
}

const FORMATS = [
  { name: 'text', extension: 'txt', summary: 'for people' },
  { name: 'json', extension: 'json', summary: 'all that is known of the rules as one JSON object' },
] as const;

function* linesOf(rule: Rule | undefined, values: Values, { fd }: Output): Generator<string> {
  const paint = paintFor(fd, !values.flags.has('no-color'));
  const width = widthOf(fd);
  if (chooseFormat(FORMATS, values, FORMATS[0]).name === 'json') yield* json(rule);
  else if (rule === undefined) yield* list(width, paint);
  else yield* page(rule, width, paint);
}

export const rules: Command = {
  name: 'rules',
  summary: 'list what can be found; with ID: one rule, its settings and its examples',
  operand: { name: 'id', count: 'optional', summary: 'id of a rule, or a name that others give it' },
  options: {
    format: formatOption(FORMATS),
    output: { kind: 'text', alias: 'o', value: 'FILE', summary: 'write to FILE instead of standard output', group: 'Output:' },
    'no-color': { kind: 'flag', summary: 'no colour (as with NO_COLOR in the environment)', group: 'Output:' },
  },
  examples: [['synoptic rules close-wait-leak', 'what it means, what settings it has']],
  async run([id], values) {
    const found = id === undefined ? [undefined] : lookUp(id);
    const output = Output.open(values.texts.get('output'));
    found.forEach((rule, index) => {
      if (index > 0) output.write('\n');
      for (const line of linesOf(rule, values, output)) output.write(`${line}\n`);
    });
    output.finish();
    return DONE;
  },
};
