import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';
import { errorCode, errorMessage, reason } from '../error-message.ts';
import { UsageError } from './errors.ts';
import type { Given, OptionSpec, OptionTable, OptionValue } from './options.ts';
import { checked } from './options.ts';
import { suggestion } from '../suggest.ts';

/** What `--config` may say instead of a file: read none. */
const NO_CONFIGURATION = 'none';

interface JsonObject {
  [key: string]: unknown;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where the configuration lies unless `--config` names it: XDG Base Directory Specification 0.8, which ignores relative paths. */
export function defaultPath({ XDG_CONFIG_HOME: given = '' }: NodeJS.ProcessEnv, home: string): string {
  return join(isAbsolute(given) ? given : join(home, '.config'), 'synoptic', 'config.json');
}

/** The text of the configuration; undefined when there is none to read. */
function textOf(path: string, mayBeAbsent: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (mayBeAbsent && ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    const remedy = mayBeAbsent ? '; --config none does without' : '';
    throw new UsageError(`cannot read the configuration ${path}: ${reason(error)}${remedy}`);
  }
}

function parsed(text: string, path: string): JsonObject {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path}: not JSON: ${errorMessage(error)}`);
  }
  if (!isObject(config)) throw new UsageError(`${path}: not a JSON object: write options as {"fail-on": "high"}`);
  return config;
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** A JSON value as the command line would have given it. Throws `UsageError` when it is of another type than the option's. */
function valueOf(raw: unknown, name: string, { kind, value }: OptionSpec, where: string): OptionValue {
  switch (kind) {
    case 'flag':
      if (typeof raw === 'boolean') return raw;
      throw new UsageError(`${where}: true or false is wanted`);
    case 'text':
      if (isScalar(raw) && raw !== '') return String(raw);
      throw new UsageError(`${where}: a text or a number is wanted`);
    case 'pair':
      if (Array.isArray(raw) && raw.length === 2 && raw.every(isScalar)) return raw.map(String);
      throw new UsageError(`${where}: a list of two is wanted: ${value}`);
    case 'list':
      if (name === 'set' && isObject(raw)) return Object.entries(raw).map(([setting, number]) => `${setting}=${String(number)}`);
      if (isScalar(raw)) return [String(raw)];
      if (Array.isArray(raw) && raw.every(isScalar)) return raw.map(String);
      throw new UsageError(`${where}: a text or a list of texts is wanted`);
  }
}

/** The options that a configuration may hold: a file is not named by another, and nobody wants help each time. */
function configurable(options: OptionTable): OptionTable {
  const { config: _config, ...others } = options;
  return others;
}

function optionValue(raw: unknown, name: string, options: OptionTable, where: string): OptionValue {
  return checked(valueOf(raw, name, options[name], where), options[name], where);
}

function refuseUnknown(name: string, options: OptionTable, where: string): void {
  if (Object.hasOwn(options, name)) return;
  const names = Object.keys(options);
  throw new UsageError(`${where}unknown option ${name}${suggestion(name, names, `the options are ${names.join(', ')}`)}`);
}

/** The options of a command's own section. */
function own(entries: JsonObject, command: Command, path: string): Given {
  const options = configurable(command.options);
  const where = `${path}: ${command.name}: `;
  return new Map(Object.entries(entries).map(([name, raw]) => {
    refuseUnknown(name, options, where);
    return [name, optionValue(raw, name, options, where + name)];
  }));
}

/**
 * The options that stand for all commands, as far as this one can use them: another may have more options, or other choices. Each must
 * fit a command at least.
 */
function shared(entries: JsonObject, command: Command, path: string): Given {
  const tables = COMMANDS.map(({ options }) => configurable(options));
  const given = new Map<string, OptionValue>();
  for (const [name, raw] of Object.entries(entries)) {
    refuseUnknown(name, Object.assign({}, ...tables) as OptionTable, `${path}: `);
    const mismatches: unknown[] = [];
    const having = tables.filter((options) => Object.hasOwn(options, name));
    for (const options of having) {
      try {
        const value = optionValue(raw, name, options, `${path}: ${name}`);
        if (options[name] === command.options[name]) given.set(name, value);
      } catch (error) {
        mismatches.push(error);
      }
    }
    if (mismatches.length === having.length) throw mismatches[0];
  }
  return given;
}

/**
 * The options that a configuration gives a command: those for all commands, then those in the command's own section. The whole file
 * is checked, whichever command reads it. Throws `UsageError` with the name of the file.
 */
export function configured(config: JsonObject, command: Command, path: string): Given[] {
  // `set` may be an object of settings, and `rules` is an option as well as a command.
  const isSection = (name: string): boolean => name !== 'set' && isObject(config[name]);
  const sections = Object.keys(config).filter(isSection).map((name): [Command, JsonObject] => {
    const named = COMMANDS.find((each) => each.name === name);
    if (named !== undefined) return [named, config[name] as JsonObject];
    const names = COMMANDS.map((each) => each.name);
    throw new UsageError(`${path}: there is no command ${name}${suggestion(name, names, `the commands are ${names.join(', ')}`)}`);
  });
  const others = Object.fromEntries(Object.entries(config).filter(([name]) => !isSection(name)));
  const read = sections.map(([named, entries]): [Command, Given] => [named, own(entries, named, path)]);
  return [shared(others, command, path), ...read.filter(([named]) => named === command).map(([, given]) => given)];
}

/** The path of the configuration that `--config` asks for, or of the user's own; null where none is to be read. */
function pathOf(asked: string | undefined): string | null {
  return asked === NO_CONFIGURATION ? null : (asked ?? defaultPath(process.env, homedir()));
}

/**
 * What a configuration says of an option that the command has, however wrong the rest of it may be; undefined where it says nothing,
 * or nothing can be read. For what is told of errors, of which this may be one.
 *
 * @param asked the value of `--config`
 */
export function glimpseOf(asked: string | undefined, command: Command, option: string): unknown {
  const choices = command.options[option]?.choices;
  try {
    const path = pathOf(asked);
    const config: unknown = path === null ? null : JSON.parse(readFileSync(path, 'utf8'));
    if (!isObject(config)) return undefined;
    const section = config[command.name];
    return [isObject(section) ? section[option] : undefined, config[option]].find((value) => choices?.some((choice) => choice === value));
  } catch {
    return undefined;
  }
}

/**
 * Reads the configuration and gives what it says for a command, later ones first to count. Nothing when there is no file.
 *
 * Throws `UsageError` with the name of the file: it cannot be read, is no JSON, or says what no option takes.
 *
 * @param asked the value of `--config`; undefined reads the user's own file, where there is one
 */
export function readConfiguration(asked: string | undefined, command: Command): Given[] {
  const path = pathOf(asked);
  if (path === null) return [];
  const text = textOf(path, asked === undefined);
  return text === undefined || text.trim() === '' ? [] : configured(parsed(text, path), command, path);
}
