/** Exit status of a program that SIGINT ended. */
const INTERRUPTED = 130;

let reading = false;
let interrupts = 0;

/**
 * While standard input is read, Ctrl-C reaches the program that writes into the pipe, too, and that ends the input: the first one
 * is left to it, so that what was captured gets its verdict. The second ends this program.
 */
export function isLeftToInput(): boolean {
  return reading && interrupts === 0;
}

function interrupted(): void {
  if (!isLeftToInput()) process.exit(INTERRUPTED);
  interrupts++;
}

/** Standard input begins to be read. */
export function beginInput(): void {
  reading = true;
  interrupts = 0;
  process.on('SIGINT', interrupted);
}

/** Standard input has ended. */
export function endInput(): void {
  reading = false;
  process.off('SIGINT', interrupted);
}
