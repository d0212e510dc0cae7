import type { FileOptions } from '../index.ts';
import { UsageError } from './errors.ts';
import type { Values } from './options.ts';

function settingsOf(settings: readonly string[]): { [name: string]: number } {
  return Object.fromEntries(settings.map((setting) => {
    const [, name, text] = /^([^=]+)=(.*)$/.exec(setting) ?? [];
    if (name === undefined) throw new UsageError(`--set ${setting}: write it as NAME=NUMBER`);
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`--set ${setting}: "${text}" is not a number`);
    return [name, value];
  }));
}

/** What the command line says about the analysis. The engine itself refuses rules and settings that do not exist (`OptionError`). */
export function analysisOptions({ lists }: Values): FileOptions {
  const rules = lists.get('rules');
  const skip = lists.get('skip');
  const settings = lists.get('set');
  const rulesFrom = lists.get('rules-from');
  return {
    ...(rules && { rules }),
    ...(skip && { skip }),
    ...(settings && { set: settingsOf(settings) }),
    ...(rulesFrom && { rulesFrom }),
  };
}

/** As `analysisOptions`, for commands that show states only: no rule need run unless the exit status depends on findings. */
export function stateOptions(values: Values): FileOptions {
  const options = analysisOptions(values);
  const judged = (values.texts.get('fail-on') ?? 'none') !== 'none';
  return judged ? options : { ...options, rules: [] };
}
