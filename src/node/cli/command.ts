import type { OptionTable, Values } from './options.ts';

/** One subcommand: a file of this folder and a line in `commands.ts`. */
export interface Command {
  name: string;
  summary: string;
  /** The operands as `--help` names them: a name and whether there may be one, must be some, or may be any. */
  operand: { name: string; count: 'some' | 'optional' | 'any'; summary: string };
  options: OptionTable;
  /** Command lines with what they do, for `--help`. */
  examples: readonly (readonly [string, string])[];
  /**
   * Does it; gives the exit status. Throws for exit status 2: the message is for standard error.
   *
   * @param reread reads the configuration once more and gives the options as they are then; throws `UsageError` like the first
   * reading. For a command that runs long, and may be told to (SIGHUP).
   */
  run(operands: readonly string[], values: Values, reread?: () => Values): Promise<number>;
}

/** "audit <capture...>": how a command is called. */
export function synopsis({ name, operand }: Command): string {
  return { some: `${name} <${operand.name}...>`, optional: `${name} [${operand.name}]`, any: `${name} [${operand.name}...]` }[operand.count];
}

/* Exit statuses; see README.md. What ends by a signal has those of `sources/interrupt.ts`. */
export const DONE = 0;
export const FOUND = 1;
export const COULD_NOT_RUN = 2;
export const DAMAGED = 3;
