/** Exit status of a program that was ended by a signal: 128 plus its number. */
export const STATUS_OF_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type Ending = keyof typeof STATUS_OF_SIGNAL;

/** Signals that are left to the writer of the input while it is read. */
let left: readonly Ending[] = [];
let interrupts = 0;

/**
 * While standard input is read, Ctrl-C also reaches the program that writes into the pipe, which ends the input. The first Ctrl-C is left
 * to that program, so that what was captured is analysed. The second one ends this program.
 */
export function isLeftToInput(signal: Ending): boolean {
  return left.includes(signal) && interrupts === 0;
}

function interrupted(signal: Ending): void {
  if (!isLeftToInput(signal)) process.exit(STATUS_OF_SIGNAL[signal]);
  interrupts++;
}

/** Reading begins of an input that these signals end. */
export function beginInput(signals: readonly Ending[] = ['SIGINT']): void {
  left = signals;
  interrupts = 0;
  for (const signal of signals) process.on(signal, interrupted);
}

/** The input has ended. */
export function endInput(): void {
  for (const signal of left) process.off(signal, interrupted);
  left = [];
}
