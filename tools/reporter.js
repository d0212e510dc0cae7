// Mocha's "dot" report, then one line that a machine can read: "N passed, N failed".
import Mocha from 'mocha';

const { EVENT_RUN_END } = Mocha.Runner.constants;

export default class Reporter extends Mocha.reporters.Dot {
  /**
   * @param {Mocha.Runner} runner
   * @param {Mocha.MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      if (pending > 0) process.stdout.write(`${pending} skipped: each says above what is not here\n`);
      process.stdout.write(`${passes} passed, ${failures} failed\n`);
    });
  }
}
