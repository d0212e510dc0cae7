import { readFileSync } from 'node:fs';
import { SEVERITIES } from '../../core/index.ts';
import { errorMessage, UsageError } from './errors.ts';
import { suggestion } from './suggest.ts';

/** One option of the command line, which is a key of `--config FILE`, too. */
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

/** Options of every command that reads captures; each command adds its own `format`. */
export const CAPTURE_OPTIONS = {
  output: { kind: 'text', alias: 'o', value: 'FILE', summary: 'write to FILE, complete or not at all, instead of standard output', group: 'Output:' },
  verbose: { kind: 'flag', alias: 'v', summary: 'show findings at info severity, too', group: 'Output:' },
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
  config: { kind: 'text', value: 'FILE', summary: 'read options from a JSON file; the command line wins', group: 'Analysis:' },
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
  version: { kind: 'flag', summary: 'show the version', group: 'General:' },
} as const satisfies OptionTable;

/** Values by option name, as given: checked to be of the option's kind and among its choices. */
export interface Values {
  flags: Set<string>;
  texts: Map<string, string>;
  lists: Map<string, string[]>;
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

/** Takes one value into `values`; `where` names it in messages ("--rules", "config.json: rules"). */
function take(values: Values, name: string, spec: OptionSpec, raw: unknown, where: string): void {
  const all = Array.isArray(raw) ? raw : [raw];
  switch (spec.kind) {
    case 'flag': {
      const on: unknown = all.at(-1);
      if (typeof on !== 'boolean') throw new UsageError(`${where} takes no value`);
      if (on) values.flags.add(name);
      else values.flags.delete(name);
      return;
    }
    case 'text': {
      const text: unknown = all.at(-1);
      if (typeof text !== 'string' && typeof text !== 'number') throw new UsageError(`${where} needs a text, not ${typeOf(text)}`);
      if (text === '') throw new UsageError(`${where} needs a value`);
      if (spec.choices && !spec.choices.includes(String(text))) {
        throw new UsageError(`${where} ${text}: no such choice${suggestion(String(text), spec.choices, `choose from ${spec.choices.join(', ')}`)}`);
      }
      values.texts.set(name, String(text));
      return;
    }
    case 'pair': {
      const [first, second, ...more] = all.map(String);
      if (second === undefined || more.length > 0) throw new UsageError(`${where} needs two values: ${spec.value}`);
      values.lists.set(name, [first, second]);
      return;
    }
    case 'list': {
      const items = all.flatMap((item: unknown) => {
        if (typeof item !== 'string') throw new UsageError(`${where} needs a text, not ${typeOf(item)}`);
        return item.split(',').map((part) => part.trim()).filter((part) => part !== '');
      });
      values.lists.set(name, [...(values.lists.get(name) ?? []), ...items]);
      return;
    }
  }
}

function specOf(name: string, options: OptionTable, where: string, dashes: string): [string, OptionSpec] {
  const known = Object.keys(options);
  const full = known.find((option) => option === name || options[option].alias === name);
  if (full === undefined) {
    const near = suggestion(name, known, 'see --help for what there is').replace('did you mean ', `did you mean ${dashes}`);
    throw new UsageError(`${where}${near}`);
  }
  return [full, options[full]];
}

/** Reads `--config FILE`: a JSON object whose keys are option names; `set` may be an object of numbers. */
function readConfig(path: string, options: OptionTable, values: Values): void {
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`--config ${path}: ${errorMessage(error)}`);
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) throw new UsageError(`--config ${path}: not a JSON object`);
  for (const [key, raw] of Object.entries(config as { [key: string]: unknown })) {
    const [name, spec] = specOf(key, options, `${path}: unknown option ${key}`, '');
    if (name === 'config') throw new UsageError(`${path}: a configuration cannot name another`);
    const settings = name === 'set' && typeof raw === 'object' && raw !== null && !Array.isArray(raw);
    take(values, name, spec, settings ? Object.entries(raw).map(([setting, value]) => `${setting}=${value}`) : raw, `${path}: ${key}`);
  }
}

/**
 * The options of one run: those of the configuration file, overruled by those of the command line (lists: joined).
 *
 * @param given what yargs parsed, by name or alias; `_` and `$0` are not options
 */
export function readOptions(given: { readonly [name: string]: unknown }, options: OptionTable): Values {
  const fromFile: Values = { flags: new Set(), texts: new Map(), lists: new Map() };
  const values: Values = { flags: new Set(), texts: new Map(), lists: new Map() };
  for (const [key, raw] of Object.entries(given)) {
    if (raw === undefined || key === '_' || key === '$0') continue;
    const dashed = `${key.length === 1 ? '-' : '--'}${key}`;
    const [name, spec] = specOf(key, options, `unknown option ${dashed}`, '--');
    if (name === key) take(values, name, spec, raw, dashed);
  }
  const config = values.texts.get('config');
  if (config !== undefined) readConfig(config, options, fromFile);
  return {
    flags: new Set([...fromFile.flags, ...values.flags]),
    texts: new Map([...fromFile.texts, ...values.texts]),
    lists: new Map([...fromFile.lists, ...[...values.lists].map(([name, items]): [string, string[]] => [name, [...(fromFile.lists.get(name) ?? []), ...items]])]),
  };
}
