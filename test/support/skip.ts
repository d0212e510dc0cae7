/**
 * Skips a test, or from a `before` hook all tests of the suite, for want of something outside the project. The reporter says at the end
 * what was missing, and how many tests that skipped.
 */
export function skip(context: Mocha.Context, reason: string): void {
  const runnable = context.test!;
  Object.assign('type' in runnable && runnable.type === 'hook' ? runnable.parent! : runnable, { skipReason: reason });
  context.skip();
}
