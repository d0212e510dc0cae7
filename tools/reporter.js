// Mocha's "dot" report, then what was skipped and why, then one line that a machine can read: "N passed, N failed".
import Mocha from 'mocha';

const { EVENT_RUN_END, EVENT_TEST_PENDING } = Mocha.Runner.constants;

/**
 * Why a test was skipped: what `test/support/skip.ts` noted on it, or on a suite around it.
 * @param {Mocha.Test} test
 */
function reasonOf(test) {
  /** @type {((Mocha.Test | Mocha.Suite) & {skipReason?: string}) | undefined} */
  let place = test;
  while (place !== undefined && place.skipReason === undefined) place = place.parent;
  return place?.skipReason ?? 'without a reason';
}

export default class Reporter extends Mocha.reporters.Dot {
  /**
   * @param {Mocha.Runner} runner
   * @param {Mocha.MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    /** @type {Map<string, number>} */
    const skipped = new Map();
    runner.on(EVENT_TEST_PENDING, (/** @type {Mocha.Test} */ test) => {
      const reason = reasonOf(test);
      skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
    });
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures } = this.stats;
      for (const [reason, tests] of skipped) process.stdout.write(`${tests} skipped: ${reason}\n`);
      process.stdout.write(`${passes} passed, ${failures} failed\n`);
    });
  }
}
