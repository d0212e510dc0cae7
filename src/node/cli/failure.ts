import { REPORT_FORMATS } from '../../core/index.ts';
import { glimpseOf } from './config.ts';
import { commandIn } from './program.ts';

/** The value of an option, in any of the ways to write it, however wrong the rest may be; the last one counts. */
function valueIn(args: readonly string[], name: string, alias?: string): string | undefined {
  const options = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const inline = new RegExp(alias === undefined ? `^--${name}=(.+)$` : `^(?:--${name}=|-${alias}=?)(?!-)(.+)$`);
  let value: string | undefined;
  options.forEach((option, index) => {
    if (option === `--${name}` || (alias !== undefined && option === `-${alias}`)) value = options[index + 1];
    else value = inline.exec(option)?.[1] ?? value;
  });
  return value;
}

/** The name of the format that the command line asks for, or else the configuration. */
function formatNameIn(args: readonly string[]): unknown {
  return valueIn(args, 'format', 'f') ?? glimpseOf(valueIn(args, 'config'), commandIn(args), 'format');
}

/**
 * What is said on standard output when a command line cannot be carried out, and the exit status, where the format asked for has
 * words of its own for that: whoever reads a plugin's line must get one even for a mistyped option. Undefined for other formats.
 */
export function failureInFormat(args: readonly string[], reason: string): { text: string; status: number } | undefined {
  const name = formatNameIn(args);
  return REPORT_FORMATS.find((format) => format.name === name)?.failure?.(reason);
}
