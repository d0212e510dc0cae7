/** The ring cannot be made, or written to. `message` is one line. */
export class RingError extends Error {
  override readonly name = 'RingError';
}
