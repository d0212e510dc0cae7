import { existsSync } from 'node:fs';
import { VERSION } from '../../core/index.ts';
import { STDIN } from '../sources/stdin.ts';
import { audit } from './audit.ts';
import type { CommandLine } from './command-line.ts';
import { firstOperand, readCommandLine, refuseUnknownOptions } from './command-line.ts';
import type { Command } from './command.ts';
import { DONE, synopsis } from './command.ts';
import { COMMANDS } from './commands.ts';
import { readConfiguration } from './config.ts';
import { UsageError } from './errors.ts';
import { GENERAL_OPTIONS, valuesOf } from './options.ts';
import type { OptionTable, Values } from './options.ts';
import { Output, refuseToReplace } from './output.ts';
import { suggestion } from '../suggest.ts';

/** Enough to tell options from operands before the command is known: what two commands call alike takes as many values in both. */
const ALL_OPTIONS: OptionTable = Object.assign({}, ...COMMANDS.map(({ options }) => options), GENERAL_OPTIONS) as OptionTable;

const COMMAND_NAMES = COMMANDS.map(({ name }) => name);

function commandNamed(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}

/** The command that a command line names; audit, which needs no name, where it names none. However wrong the rest may be. */
export function commandIn(args: readonly string[]): Command {
  return commandNamed(args[firstOperand(args, ALL_OPTIONS)] ?? '') ?? audit;
}

/** The end of a message about a word that is no command. */
function nearCommand(word: string): string {
  return suggestion(word, COMMAND_NAMES, `the commands are ${COMMAND_NAMES.join(', ')}`);
}

function print(text: string): number {
  const output = Output.open();
  output.write(`${text}\n`);
  output.finish();
  return DONE;
}

async function help(about: Command | undefined): Promise<number> {
  // yargs is a fifth of the time to start, and renders pages only.
  const { helpPage } = await import('./help.ts');
  return print(await helpPage(about));
}

/** `synoptic help [COMMAND]`. */
async function helpOn([name, more]: readonly string[]): Promise<number> {
  if (more !== undefined) throw new UsageError('one command at most: synoptic help [COMMAND]');
  const about = name === undefined ? undefined : commandNamed(name);
  if (name !== undefined && about === undefined) throw new UsageError(`there is no command ${name}${nearCommand(name)}`);
  return await help(about);
}

function without(args: readonly string[], at: number): readonly string[] {
  return args.filter((_, index) => index !== at);
}

/** The command, and the arguments for it. The first word, which stands at `at`, may be a capture: `synoptic FILE`. */
function commandOf(args: readonly string[], at: number): [Command, readonly string[]] {
  const word = args[at];
  const command = word === undefined ? undefined : commandNamed(word);
  if (command !== undefined) return [command, without(args, at)];
  if (word === undefined || word === STDIN || existsSync(word)) return [audit, args];
  // The word may be the value of an option before it that is none.
  refuseUnknownOptions(args.slice(0, at), ALL_OPTIONS);
  if (/[./\\]/.test(word)) throw new UsageError(`${word}: there is no such file, and no such command`);
  throw new UsageError(`there is no file and no command ${word}${nearCommand(word)}`);
}

/** Tells of an option that took for its second value what may have been meant as the operand. */
function takenByPair({ options: table }: Command, { options }: CommandLine): string {
  const [name, pair] = [...options].find(([each]) => table[each]?.kind === 'pair') ?? [];
  return Array.isArray(pair) ? `; --${name} takes two values: here ${pair.join(' and ')}` : '';
}

/** Throws `UsageError` when there are too few operands or too many. */
function countOperands(command: Command, line: CommandLine): void {
  const { operands } = line;
  const { name, count } = command.operand;
  if (count === 'some' && operands.length === 0) throw new UsageError(`no ${name} given: synoptic ${synopsis(command)}, where - is standard input${takenByPair(command, line)}`);
  if (count === 'optional' && operands.length > 1) throw new UsageError(`one ${name} at most: synoptic ${synopsis(command)}`);
}

async function execute(command: Command, args: readonly string[]): Promise<number> {
  const line = readCommandLine(args, { ...command.options, ...GENERAL_OPTIONS });
  if (line.options.has('version')) return print(`synoptic ${VERSION}`);
  countOperands(command, line);
  const config = line.options.get('config');
  const readOptions = (): Values => valuesOf(...readConfiguration(typeof config === 'string' ? config : undefined, command), line.options);
  const values = readOptions();
  refuseToReplace(line.operands, values.texts.get('output'));
  return await command.run(line.operands, values, readOptions);
}

/** True when help is asked for, however wrong the rest may be. */
function wantsHelp(args: readonly string[]): boolean {
  const options = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  return options.includes('--help') || options.includes('-h');
}

/** Carries out a command line. Gives the exit status; throws where that is 2. */
export async function run(args: readonly string[]): Promise<number> {
  const at = firstOperand(args, ALL_OPTIONS);
  const word = args[at];
  if (args.length === 0 || wantsHelp(args)) return await help(word === undefined ? undefined : commandNamed(word));
  if (word === 'help') return await helpOn(without(args, at));
  if (word === undefined) {
    const { options, operands } = readCommandLine(args, ALL_OPTIONS);
    if (operands.length === 0 && !options.has('version')) throw new UsageError('no command given: synoptic --help shows them');
  }
  return await execute(...commandOf(args, at));
}
