import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { AuditOptions, Rule } from '../core/index.ts';
import { checkRules, RuleError, RULES } from '../core/index.ts';
import { errorCode, errorMessage } from './error-message.ts';
import { openingError } from './sources/input-error.ts';

/** The library, as it is passed to a module of rules that exports a function. */
type Library = typeof import('../core/index.ts');

/**
 * The rules of JavaScript modules. The default export of a module is a rule, a list of rules, or a function that takes the library
 * (`synoptic/core`) and returns one of these, so that the package need not be installed there.
 *
 * Throws `InputError` if a file cannot be read, and `RuleError` if it is not a module, exports no rule, or a rule whose id is taken.
 */
export async function loadRules(paths: string | readonly string[]): Promise<Rule[]> {
  const rules: Rule[] = [];
  for (const path of typeof paths === 'string' ? [paths] : paths) {
    const values = await exportedBy(path);
    try {
      rules.push(...checkRules(values, [...RULES, ...rules]));
    } catch (error) {
      throw error instanceof RuleError ? new RuleError(error.rule, `${path}: ${error.message}`, null, { cause: error }) : error;
    }
  }
  return rules;
}

/** The options, with the rules of `rulesFrom` added to `extraRules`. Throws as `loadRules`. */
export async function withRulesFrom({ rulesFrom, ...options }: AuditOptions & { rulesFrom?: string | readonly string[] }): Promise<AuditOptions> {
  return rulesFrom === undefined ? options : { ...options, extraRules: [...(options.extraRules ?? []), ...(await loadRules(rulesFrom))] };
}

/** The default export of a module, as a list. */
async function exportedBy(path: string): Promise<readonly unknown[]> {
  const isFile = await stat(path).then((stats) => stats.isFile(), (error: unknown) => {
    throw openingError(path, error);
  });
  if (!isFile) throw new RuleError('', `${path}: is no file; name a JavaScript module`);
  let exported: unknown;
  try {
    const module = (await import(pathToFileURL(resolve(path)).href)) as { readonly default?: unknown };
    exported = module.default;
    if (isFunction(exported)) exported = await exported(await import('../core/index.ts'));
  } catch (error) {
    throw new RuleError('', `${path}: ${problemOf(error, path)}`, null, { cause: error });
  }
  if (exported === undefined) throw new RuleError('', `${path}: has no default export; write "export default" before a rule, or a list of rules`);
  return Array.isArray(exported) ? exported : [exported];
}

function isFunction(value: unknown): value is (library: Library) => unknown {
  return typeof value === 'function';
}

/** Why a module could not be loaded, in one line. */
function problemOf(error: unknown, path: string): string {
  if (!(error instanceof Error)) return `threw ${String(error)} while it was loaded`;
  const message = errorMessage(error);
  const code = errorCode(error);
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return 'is no JavaScript; compile it first (npx tsc), and name the .js file';
  if (code === 'ERR_MODULE_NOT_FOUND') {
    const isOurs = /package 'synoptic'/.test(message);
    return `${message}${isOurs ? '; install it there (npm install synoptic), or export a function: it is given the library' : ''}`;
  }
  if (error instanceof SyntaxError) return `${message} (a syntax error: node --check ${path} shows the line)`;
  const line = lineOf(error, path);
  return `${line === null ? '' : `line ${line}: `}${error.name}: ${message}`;
}

/** The first line of this file in the stack of an error. */
function lineOf({ stack = '' }: Error, path: string): string | null {
  for (const [, url = '', line = ''] of stack.matchAll(/(file:\/\/[^\s)]*?):(\d+)/g)) {
    if (basename(fileURLToPath(url)) === basename(path)) return line;
  }
  return null;
}
