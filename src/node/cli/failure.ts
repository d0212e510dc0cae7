import { REPORT_FORMATS } from '../../core/index.ts';

/** The name that `--format` gives, in any of the ways to write it, however wrong the rest may be; the last one counts. */
function formatNameIn(args: readonly string[]): string | undefined {
  const options = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  let name: string | undefined;
  options.forEach((option, index) => {
    if (option === '--format' || option === '-f') name = options[index + 1];
    else name = /^(?:--format=|-f=?)(?!-)(.+)$/.exec(option)?.[1] ?? name;
  });
  return name;
}

/**
 * What is said on standard output when a command line cannot be carried out, and the exit status, where the format asked for has
 * words of its own for that: whoever reads a plugin's line must get one even for a mistyped option. Undefined for other formats.
 */
export function failureInFormat(args: readonly string[], reason: string): { text: string; status: number } | undefined {
  const name = formatNameIn(args);
  return REPORT_FORMATS.find((format) => format.name === name)?.failure?.(reason);
}
