import { parseArgs } from 'node:util';
import { UsageError } from './errors.ts';
import type { Given, OptionSpec, OptionTable, OptionValue } from './options.ts';
import { checked } from './options.ts';
import { suggestion } from '../suggest.ts';

type Token = NonNullable<ReturnType<typeof parseArgs<{ tokens: true; strict: false }>>['tokens']>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

/** What a command line says. */
export interface CommandLine {
  options: Given;
  operands: string[];
}

/** Options and operands in their order; what is no option of the table counts as a flag. */
function tokensOf(args: readonly string[], table: OptionTable): Token[] {
  const options = Object.fromEntries(Object.entries(table).map(([name, { kind, alias }]) =>
    [name, { type: kind === 'flag' ? 'boolean' as const : 'string' as const, ...(alias !== undefined && { short: alias }) }]));
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** True for the token behind an option that takes two values. */
function isSecondValue(token: Token, before: Token | undefined, table: OptionTable): boolean {
  return token.kind === 'positional' && before?.kind === 'option' && before.value !== undefined && table[before.name]?.kind === 'pair';
}

/** Throws `UsageError` when one of the options is not in the table, whatever values there are. */
export function refuseUnknownOptions(args: readonly string[], table: OptionTable): void {
  for (const token of tokensOf(args, table)) if (token.kind === 'option') refuseUnknown(token, table);
}

function refuseUnknown(token: OptionToken, table: OptionTable): void {
  if (Object.hasOwn(table, token.name)) return;
  const near = suggestion(token.name, Object.keys(table), 'see --help for what there is').replace('did you mean ', 'did you mean --');
  throw new UsageError(`unknown option ${token.rawName}${near}`);
}

function flagOf({ rawName, value }: OptionToken): boolean {
  if (value !== undefined && value !== 'true' && value !== 'false') throw new UsageError(`${rawName} takes no value`);
  return value !== 'false';
}

/** An option and its value as one word: `--at=-5s`, `-f-x`. */
function inline(name: string, value: string): string {
  return name.startsWith('--') ? `${name}=${value}` : `${name}${value}`;
}

/** The value given with an option: `--format json`, `--format=json`, `-f json`, `-fjson`. Another option is no value; a lone `-` is. */
function textOf({ rawName, value, inlineValue }: OptionToken): string {
  const text = rawName.startsWith('--') ? value : value?.replace(/^=/, '');
  if (text === undefined || text === '') throw new UsageError(`${rawName} needs a value`);
  if (!inlineValue && /^-./.test(text)) throw new UsageError(`${rawName} needs a value, and ${text} reads as an option; ${inline(rawName, text)} takes it as the value`);
  return text;
}

function valueOf(token: OptionToken, { kind, value }: OptionSpec, next: Token | undefined, former: OptionValue | undefined): OptionValue {
  switch (kind) {
    case 'flag':
      return flagOf(token);
    case 'text':
      return textOf(token);
    case 'pair':
      if (next?.kind !== 'positional') throw new UsageError(`${token.rawName} needs two values: ${value}`);
      return [textOf(token), next.value];
    case 'list':
      return [...(Array.isArray(former) ? former : []), textOf(token)];
  }
}

/** Reads what stands behind the name of a command. Throws `UsageError` for options that the table has not, or has otherwise. */
export function readCommandLine(args: readonly string[], table: OptionTable): CommandLine {
  const tokens = tokensOf(args, table);
  const options = new Map<string, OptionValue>();
  const operands: string[] = [];
  tokens.forEach((token, index) => {
    if (token.kind === 'positional' && !isSecondValue(token, tokens[index - 1], table)) operands.push(token.value);
    if (token.kind !== 'option') return;
    refuseUnknown(token, table);
    const spec = table[token.name];
    options.set(token.name, checked(valueOf(token, spec, tokens[index + 1], options.get(token.name)), spec, token.rawName));
  });
  return { options, operands };
}

/**
 * Where the first operand stands before any `--`: the name of a command, or a capture. -1 where there is none.
 *
 * @param table the options of all commands: which one it is, is not known yet
 */
export function firstOperand(args: readonly string[], table: OptionTable): number {
  const tokens = tokensOf(args, table);
  const end = tokens.findIndex(({ kind }) => kind === 'option-terminator');
  const found = tokens.slice(0, end < 0 ? undefined : end)
    .find((token, index) => token.kind === 'positional' && !isSecondValue(token, tokens[index - 1], table));
  return found?.index ?? -1;
}
