import { errorMessage } from '../error-message.ts';

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

/** The code of a system error ("ENOENT"), undefined for any other. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** As `errorMessage`; of a system error only what is wrong, without code, call and path: for messages that name the file themselves. */
export function reason(error: unknown): string {
  const message = errorMessage(error);
  return errorCode(error) === undefined ? message : message.replace(/^[A-Z0-9]+: /, '').replace(/, [a-z]+(?: '.*')?$/s, '');
}

/** True for errors that only a fault of the program itself can cause. */
export function isFault(error: unknown): boolean {
  return !(error instanceof Error) || error.name === 'AssertionError' ||
    [TypeError, RangeError, ReferenceError, SyntaxError, EvalError].some((type) => error instanceof type && errorCode(error) === undefined);
}
