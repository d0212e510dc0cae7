import { VERSION } from '../../core/version.ts';
import { COULD_NOT_RUN, DONE } from './command.ts';
import { errorMessage } from '../error-message.ts';
import { ClosedPipe, isFault } from './errors.ts';
import { log } from './log.ts';
import { Output, writeError } from './output.ts';

/** One line for a person; control characters from file names and arguments must not reach the terminal. */
async function complain(error: unknown): Promise<void> {
  const { escapeControls } = await import('../../core/formats/escape.ts');
  const fault = isFault(error) ? 'internal error, please report it (SYNOPTIC_LOG=debug tells more): ' : '';
  writeError(`synoptic: ${fault}${escapeControls(errorMessage(error))}\n`);
  (await log())?.debug({ err: error }, 'could not run');
}

/** Says it in the words of the format asked for, if that has some. Gives the exit status, null when it has none. */
async function fail(args: readonly string[], error: unknown): Promise<number | null> {
  try {
    const { failureInFormat } = await import('./failure.ts');
    const failure = failureInFormat(args, errorMessage(error));
    if (failure === undefined) return null;
    const output = Output.open();
    output.write(failure.text);
    output.finish();
    return failure.status;
  } catch {
    return null;
  }
}

async function dispatch(args: readonly string[]): Promise<number> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    const output = Output.open();
    output.write(`synoptic ${VERSION}\n`);
    output.finish();
    return DONE;
  }
  const { run } = await import('./program.ts');
  return await run(args);
}

/** Runs the program; never throws. Gives the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    if (error instanceof ClosedPipe) return DONE;
    const status = await fail(args, error);
    if (status !== null) return status;
    await complain(error);
    return COULD_NOT_RUN;
  }
}
