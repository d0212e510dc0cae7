/** Metrics cannot be given out as asked. `message` is one line: what is wrong and how to mend it. */
export class MetricsError extends Error {
  override readonly name = 'MetricsError';
}
