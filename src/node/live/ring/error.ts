/** The ring cannot be made, or written to. `message` is one line. */
export class RingError extends Error {
  override readonly name = 'RingError';
}

/** What an error says, in one line. */
export function errorText(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
}
