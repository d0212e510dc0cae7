import { expect } from 'chai';
import { isFault } from '../../src/node/cli/errors.ts';
import { run } from '../../src/node/cli/program.ts';

/** The message of a command line that is not carried out. Fails when it is, or when a fault of the program is why. */
export async function refusal(args: readonly string[]): Promise<string> {
  try {
    await run(args);
  } catch (error) {
    expect(isFault(error), String(error)).to.equal(false);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('not refused');
}
