import { existsSync } from 'node:fs';
import type { Argv, Options } from 'yargs';
import yargs from 'yargs';
import type { Command } from './command.ts';
import { DONE } from './command.ts';
import { COMMANDS } from './commands.ts';
import { UsageError } from './errors.ts';
import { GENERAL_OPTIONS, readOptions } from './options.ts';
import type { OptionSpec, OptionTable } from './options.ts';
import { Output } from './output.ts';
import { suggestion } from './suggest.ts';
import { isTerminal, widthOf } from './terminal.ts';

const USAGE = `Usage: $0 COMMAND CAPTURE...

Says what state each end of every TCP connection in a packet capture is in, which packets prove it, and what is wrong.
$0 CAPTURE is short for $0 audit CAPTURE; $0 COMMAND --help shows the options of a command.`;

const EPILOGUE = `Captures are pcap or pcapng, plain or compressed with gzip, zstd, lz4 or xz, recognised by content.
Exit status: 0 done; 1 done, a finding at or above --fail-on; 2 could not run; 3 done, but the input was damaged.`;

const HELP_WIDTH = 110;

function yargsOption({ kind, alias, value, summary, choices, group }: OptionSpec): Options {
  const listed = choices && !summary.includes(choices[0]) ? ` (${choices.join(', ')})` : '';
  return {
    group,
    ...(alias !== undefined && { alias }),
    ...(kind === 'flag' ? { boolean: true } : kind === 'pair' ? { string: true, nargs: 2 } : { string: true, requiresArg: true }),
    description: `${value === undefined ? '' : `${value}: `}${summary}${listed}`,
  };
}

function declare(parser: Argv, options: OptionTable): Argv {
  return parser.options(Object.fromEntries(Object.entries(options).map(([name, spec]) => [name, yargsOption(spec)])));
}

function synopsis({ name, operand }: Command): string {
  return { some: `${name} <${operand.name}...>`, optional: `${name} [${operand.name}]`, any: `${name} [${operand.name}...]` }[operand.count];
}

/** yargs loses a lone `-` among operands. No argument can hold a NUL, so this can stand for it while yargs parses. */
const DASH = '\0';

function restored(value: unknown): unknown {
  return Array.isArray(value) ? value.map(restored) : value === DASH ? '-' : value;
}

/** Our words for what yargs finds wrong. */
function wording(message: string): string {
  const missing = /^Not enough arguments following: (.*)$/.exec(message);
  return missing ? `${missing[1].length === 1 ? '-' : '--'}${missing[1]} needs a value` : message;
}

type Execute = (command: Command, given: { [name: string]: unknown }) => Promise<void>;

/** @param execute what to do with a parsed command line; without it the parser is for `getHelp` */
function parserFor(args: readonly string[], execute?: Execute): Argv {
  const forHelp = execute === undefined;
  let parser = yargs(args.map((arg) => (arg === '-' ? DASH : arg)))
    .scriptName('synoptic')
    .usage(USAGE)
    .locale('en')
    .help(false)
    .version(false)
    .exitProcess(false)
    .wrap(Math.min(isTerminal(1) ? widthOf(1) : HELP_WIDTH, HELP_WIDTH))
    .epilogue(EPILOGUE)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .fail((message: string | null, error: Error | undefined) => {
      if (error !== undefined && error.name !== 'YError') throw error;
      throw new UsageError(wording(message ?? error?.message ?? 'bad usage'));
    });
  for (const command of COMMANDS) {
    parser = parser.command(
      // Operands are counted by us: yargs does not find those behind `--`.
      forHelp ? synopsis(command) : command.name,
      command.summary,
      (own) => {
        declare(own, command.options).usage(`Usage: $0 ${synopsis(command)} [options]\n\n${command.summary[0].toUpperCase()}${command.summary.slice(1)}.`);
        if (forHelp) own.positional(command.operand.name, { type: 'string', description: command.operand.summary });
        for (const [line, meaning] of command.examples) own.example(line, meaning);
      },
      (given) => execute?.(command, Object.fromEntries(Object.entries(given).map(([name, value]) => [name, restored(value)]))),
    );
  }
  return declare(parser, GENERAL_OPTIONS);
}

/** What yargs says of types and defaults, which names and summaries say already: at the end of a line, or on one of its own. */
const TYPE_TAGS = /^ +(?:\[(?:string|boolean|array|required|default: \[\])\] *)+\n|(?: +\[(?:string|boolean|array|required|default: \[\])\])+ *$/gm;

/** The operands, counted. Throws `UsageError` when there are too few or too many. */
function operandsOf(command: Command, given: { readonly [name: string]: unknown }): string[] {
  const [, ...operands] = Array.isArray(given['_']) ? given['_'].map(String) : [];
  const { name, count } = command.operand;
  if (count === 'some' && operands.length === 0) throw new UsageError(`no ${name} given: synoptic ${synopsis(command)}`);
  if (count === 'optional' && operands.length > 1) throw new UsageError(`one ${name} at most: synoptic ${synopsis(command)}`);
  return operands;
}

/** A first word that is no command may be a capture: `synoptic FILE`. */
function withCommand(args: readonly string[]): readonly string[] {
  const [first] = args;
  if (first === undefined || COMMANDS.some(({ name }) => name === first)) return args;
  if (first === '-' || (!first.startsWith('-') && existsSync(first))) return ['audit', ...args];
  if (first.startsWith('-')) return args;
  if (/[./\\]/.test(first)) throw new UsageError(`${first}: there is no such file, and no such command`);
  const names = COMMANDS.map(({ name }) => name);
  throw new UsageError(`there is no command ${first}${suggestion(first, names, `the commands are ${names.join(', ')}`)}`);
}

function printed(text: string): number {
  const output = Output.open();
  output.write(`${text}\n`);
  output.finish();
  return DONE;
}

/** True when help is asked for, however wrong the rest may be. */
function wantsHelp(args: readonly string[]): boolean {
  const options = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  return options.includes('--help') || options.includes('-h');
}

/** Carries out a command line. Gives the exit status; throws where that is 2. */
export async function run(args: readonly string[]): Promise<number> {
  if (args.length === 0 || wantsHelp(args)) {
    const named = COMMANDS.filter(({ name }) => name === args[0]).map(({ name }) => name);
    return printed((await parserFor(named).getHelp()).replaceAll(TYPE_TAGS, ''));
  }
  const complete = withCommand(args);
  let status: number | undefined;
  await parserFor(complete, async (command, given) => {
    const values = readOptions(given, { ...command.options, ...GENERAL_OPTIONS });
    const operands = operandsOf(command, given);
    status = await command.run(operands, values);
  }).parseAsync();
  if (status === undefined) throw new UsageError('no command given: synoptic --help shows them');
  return status;
}
