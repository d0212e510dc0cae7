import { ENGINE_OPTIONS } from '../options.ts';
import type { AuditOptions, EngineOption } from '../options.ts';
import { nearest, OptionError } from './errors.ts';
import type { Rule } from './rule.ts';

/** The options of one analysis, checked: which rules run, and the value of every setting. */
export class Settings {
  /** The rules that run, in the order of the list. */
  readonly rules: readonly Rule[];
  readonly #values = new Map<string, number>();

  /**
   * Throws `OptionError` for a rule or a setting that does not exist, for a value that is no number of 0 or more, and when
   * each of the rules asked for is skipped, too.
   */
  constructor(all: readonly Rule[], options: AuditOptions) {
    const ids = all.map(({ id }) => id);
    for (const id of [...(options.rules ?? []), ...(options.skip ?? [])]) {
      if (!ids.includes(id)) throw unknown(id, `there is no rule "${id}"${nearest(id, ids) === null ? '; synoptic rules lists them' : ''}`, ids);
    }
    this.rules = all.filter(({ id }) => (options.rules?.includes(id) ?? true) && !(options.skip?.includes(id) ?? false));
    // Nobody should read "no problem found" where, by mistake, nothing was looked for.
    if (this.rules.length === 0 && (options.rules ?? []).length > 0) throw new OptionError('skip', 'no rule is left to run: each that is asked for is skipped, too');
    for (const [name, option] of Object.entries(ENGINE_OPTIONS)) this.#values.set(name, option.default);
    for (const rule of all) {
      for (const [name, option] of Object.entries(rule.options)) this.#values.set(`${rule.id}.${name}`, option.default);
    }
    for (const [name, value] of Object.entries(options.set ?? {})) this.#set(name, value, all);
  }

  engine(name: EngineOption): number {
    return this.#values.get(name) ?? ENGINE_OPTIONS[name].default;
  }

  /** Gives the values of a rule's options by name, and throws `OptionError` for a name that it does not have. Rules ask often. */
  optionsOf(rule: Rule): (name: string) => number {
    const values = new Map(Object.keys(rule.options).map((name) => [name, this.#values.get(`${rule.id}.${name}`)!]));
    return (name) => {
      const value = values.get(name);
      if (value === undefined) throw unknown(`${rule.id}.${name}`, `${rule.id} has no option "${name}"`, []);
      return value;
    };
  }

  #set(name: string, value: number, all: readonly Rule[]): void {
    if (!this.#values.has(name)) {
      const rule = all.find(({ id }) => name.startsWith(`${id}.`));
      const known = rule === undefined ? [...this.#values.keys()] : Object.keys(rule.options).map((option) => `${rule.id}.${option}`);
      const list = rule !== undefined ? `; it has ${known.length === 0 ? 'no options' : known.join(', ')}` : nearest(name, known) === null ? forms() : '';
      throw unknown(name, `there is no setting "${name}"${list}`, known);
    }
    if (!Number.isFinite(value) || value < 0) throw new OptionError(name, `${name} must be a number, 0 or more`);
    this.#values.set(name, value);
  }
}

/** How settings are named, for who has named none. */
function forms(): string {
  return `; those of a rule are "close-wait-leak.minimum" and the like, those of the engine ${Object.keys(ENGINE_OPTIONS).join(', ')}`;
}

function unknown(name: string, problem: string, known: readonly string[]): OptionError {
  return new OptionError(name, problem, nearest(name, known));
}
