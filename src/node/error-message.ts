/** The message of whatever was thrown, in one line. */
export function errorMessage(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
}

/** The code of a system error ("ENOENT"), undefined for any other. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** As `errorMessage`, but without code, call and path of a system error: for messages that name the file themselves. */
export function reason(error: unknown): string {
  const message = errorMessage(error);
  return errorCode(error) === undefined ? message : message.replace(/^[A-Z0-9]+: /, '').replace(/, [a-z]+(?: '.*')?$/s, '');
}
