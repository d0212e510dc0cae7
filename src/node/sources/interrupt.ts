/** Exit status of a program that SIGINT ended. */
const INTERRUPTED = 130;

/** Signals that are left to the input while it is read. */
let left: readonly NodeJS.Signals[] = [];
let interrupts = 0;

/**
 * While standard input is read, Ctrl-C reaches the program that writes into the pipe, too, and that ends the input: the first one
 * is left to it, so that what was captured gets its verdict. The second ends this program.
 */
export function isLeftToInput(signal: NodeJS.Signals): boolean {
  return left.includes(signal) && interrupts === 0;
}

function interrupted(signal: NodeJS.Signals): void {
  if (!isLeftToInput(signal)) process.exit(INTERRUPTED);
  interrupts++;
}

/** An input begins to be read that these signals end. */
export function beginInput(signals: readonly NodeJS.Signals[] = ['SIGINT']): void {
  left = signals;
  interrupts = 0;
  for (const signal of signals) process.on(signal, interrupted);
}

/** It has ended. */
export function endInput(): void {
  for (const signal of left) process.off(signal, interrupted);
  left = [];
}
