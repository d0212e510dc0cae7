/** Exit status of a program that a signal ended: 128 and the number of the signal. */
export const STATUS_OF_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type Ending = keyof typeof STATUS_OF_SIGNAL;

/** Signals that are left to the input while it is read. */
let left: readonly Ending[] = [];
let interrupts = 0;

/**
 * While standard input is read, Ctrl-C reaches the program that writes into the pipe, too, and that ends the input: the first one
 * is left to it, so that what was captured gets its verdict. The second ends this program.
 */
export function isLeftToInput(signal: Ending): boolean {
  return left.includes(signal) && interrupts === 0;
}

function interrupted(signal: Ending): void {
  if (!isLeftToInput(signal)) process.exit(STATUS_OF_SIGNAL[signal]);
  interrupts++;
}

/** An input begins to be read that these signals end. */
export function beginInput(signals: readonly Ending[] = ['SIGINT']): void {
  left = signals;
  interrupts = 0;
  for (const signal of signals) process.on(signal, interrupted);
}

/** It has ended. */
export function endInput(): void {
  for (const signal of left) process.off(signal, interrupted);
  left = [];
}
