import { errorCode } from '../error-message.ts';

/** The command line cannot be carried out as given. `message` is one line: what is wrong and how to mend it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The output cannot be written. `message` is one line. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
}

/** The reader of our output has gone (`| head`): nothing is wrong, and nothing more need be done. */
export class ClosedPipe extends Error {
  override readonly name = 'ClosedPipe';
}

/** True for errors that only a fault of the program itself can cause. */
export function isFault(error: unknown): boolean {
  return !(error instanceof Error) || error.name === 'AssertionError' ||
    [TypeError, RangeError, ReferenceError, SyntaxError, EvalError].some((type) => error instanceof type && errorCode(error) === undefined);
}
