import { SEVERITIES } from '../../core/index.ts';
import { UsageError } from './errors.ts';
import { suggestion } from '../suggest.ts';

/** One option of the command line, which is a key of the configuration, too. */
export interface OptionSpec {
  /** `flag` takes no value, `pair` two (kept as a list), `list` may be given several times. */
  kind: 'flag' | 'text' | 'pair' | 'list';
  alias?: string;
  /** What `--help` calls the value. */
  value?: string;
  summary: string;
  /** The only values there are. */
  choices?: readonly string[];
  group: string;
}

export type OptionTable = { readonly [name: string]: OptionSpec };

const READERS = ['synoptic', 'pcap-parser'] as const;

/** Of every command that judges, and of the one that lists the rules. */
export const RULES_FROM: OptionSpec = {
  kind: 'list',
  value: 'FILE',
  summary: 'use the rules of this JavaScript module, too (docs/library.md)',
  group: 'Analysis:',
};

/** Of every command. */
export const CONFIG: OptionSpec = {
  kind: 'text',
  value: 'FILE',
  summary: 'read options from this JSON file, not from ~/.config/synoptic/config.json; none reads no file (docs/config.md)',
  group: 'General:',
};

/** Of every command that writes findings for people. */
export const VERBOSE: OptionSpec = {
  kind: 'flag',
  alias: 'v',
  summary: 'show findings at info severity, too, and of each all facts, packets and flows that the report holds',
  group: 'Output:',
};

/** Options of every command that reads captures; each command adds its own `format`. */
export const CAPTURE_OPTIONS = {
  output: { kind: 'text', alias: 'o', value: 'FILE', summary: 'write to FILE, complete or not at all, instead of standard output', group: 'Output:' },
  quiet: { kind: 'flag', alias: 'q', summary: 'nothing on standard error but errors', group: 'Output:' },
  'no-progress': { kind: 'flag', summary: 'no progress line', group: 'Output:' },
  'no-color': { kind: 'flag', summary: 'no colour (as with NO_COLOR in the environment)', group: 'Output:' },
  'fail-on': {
    kind: 'text',
    value: 'SEVERITY',
    summary: 'exit 1 when a finding is at least as severe',
    choices: ['none', ...SEVERITIES],
    group: 'Analysis:',
  },
  rules: { kind: 'list', value: 'IDS', summary: 'run these rules only (comma-separated; synoptic rules lists them)', group: 'Analysis:' },
  skip: { kind: 'list', value: 'IDS', summary: 'do not run these rules', group: 'Analysis:' },
  'rules-from': RULES_FROM,
  set: { kind: 'list', value: 'NAME=NUMBER', summary: 'change a setting of a rule (rule.option) or of the engine', group: 'Analysis:' },
  config: CONFIG,
  reader: {
    kind: 'text',
    value: 'NAME',
    summary: 'who reads the file: pcap-parser is a second opinion for classic pcap',
    choices: READERS,
    group: 'Analysis:',
  },
  jobs: { kind: 'text', value: 'N', summary: 'worker threads; this version has one', group: 'Analysis:' },
} as const satisfies OptionTable;

export const GENERAL_OPTIONS = {
  help: { kind: 'flag', alias: 'h', summary: 'show this help', group: 'General:' },
  version: { kind: 'flag', alias: 'V', summary: 'show the version', group: 'General:' },
} as const satisfies OptionTable;

/** What one option was given: a flag's boolean, a text, or the several texts of a pair or a list. */
export type OptionValue = boolean | string | readonly string[];

/** What one source (the command line, a configuration) gives, by option name. */
export type Given = ReadonlyMap<string, OptionValue>;

/** Values by option name, from all sources: checked to be of the option's kind and among its choices. */
export interface Values {
  flags: Set<string>;
  texts: Map<string, string>;
  lists: Map<string, string[]>;
}

/**
 * The value as it is used: the items of a list are also separated by commas. Throws `UsageError` when it is no choice of the option.
 *
 * @param where names the option in the message: "--format", "config.json: format"
 */
export function checked(value: OptionValue, { kind, choices }: OptionSpec, where: string): OptionValue {
  if (kind === 'list' && Array.isArray(value)) return value.flatMap((item: string) => item.split(',')).map((item) => item.trim()).filter((item) => item !== '');
  if (typeof value !== 'string' || choices === undefined || choices.includes(value)) return value;
  throw new UsageError(`${where} ${value}: no such choice${suggestion(value, choices, `choose from ${choices.join(', ')}`)}`);
}

/** Options whose items say something each, so that a later source adds to the earlier ones instead of replacing them. */
const ADDS_UP: ReadonlySet<string> = new Set(['set']);

/** The values of all sources together; where two speak of an option, the later one counts. */
export function valuesOf(...sources: readonly Given[]): Values {
  const values: Values = { flags: new Set(), texts: new Map(), lists: new Map() };
  for (const [name, value] of sources.flatMap((source) => [...source])) {
    if (typeof value === 'string') values.texts.set(name, value);
    else if (value === true) values.flags.add(name);
    else if (value === false) values.flags.delete(name);
    else values.lists.set(name, [...((ADDS_UP.has(name) && values.lists.get(name)) || []), ...value]);
  }
  return values;
}

/** The number given to an option; undefined without it. Throws `UsageError`, which says `what` is wanted, for anything but a whole number of the range. */
export function wholeNumber({ texts }: Values, name: string, what: string, least = 1, most = Number.MAX_SAFE_INTEGER): number | undefined {
  const text = texts.get(name);
  if (text === undefined) return undefined;
  const number = text.trim() === '' ? NaN : Number(text);
  if (!Number.isInteger(number) || number < least || number > most) throw new UsageError(`--${name} ${text}: ${what}`);
  return number;
}

/** The flow that `--flow` names; undefined without it. Throws `UsageError`. */
export function flowNumber(values: Values): number | undefined {
  return wholeNumber(values, 'flow', 'a flow is a number from 1, as synoptic flows shows it');
}
