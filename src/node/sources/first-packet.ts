import { existsSync, realpathSync, statSync } from 'node:fs';
import { CaptureClock, CaptureReader, PacketCounter, UnrecognisedCapture } from '../../core/index.ts';
import { InputError, openingError } from './input-error.ts';
import { openSource } from './source.ts';
import { STDIN } from './stdin.ts';

/**
 * Several captures in the order of their first packets' times, those without a packet last; equal ones stay in the order given.
 * Each file's beginning is read for it, so with more than one they must be regular files. Throws `InputError`.
 */
export async function orderByFirstPacket(paths: readonly string[]): Promise<string[]> {
  if (paths.length < 2) {
    return [...paths];
  }
  refuseRepeated(paths);
  const dated: { path: string; time: bigint | null }[] = [];
  for (const path of paths) {
    refuseUnlessRegular(path);
    dated.push({ path, time: await firstPacketTime(path) });
  }
  return dated.sort((a, b) => compareTimes(a.time, b.time)).map(({ path }) => path);
}

/** Epoch time in nanoseconds of the file's first packet that has one; null when there is none. */
async function firstPacketTime(path: string): Promise<bigint | null> {
  const clock = new CaptureClock();
  const reader = new CaptureReader(clock, new PacketCounter(), () => undefined);
  const source = await openSource(path);
  try {
    for await (const chunk of source.chunks()) {
      reader.push(chunk);
      if (clock.base !== undefined) {
        break;
      }
    }
    return clock.base ?? null;
  } catch (error) {
    throw error instanceof UnrecognisedCapture ? new InputError(`${path}: ${error.message}`, { cause: error }) : error;
  }
}

/** Packets read twice would look like new connections on the same ports. */
function refuseRepeated(paths: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const real = existsSync(path) ? realpathSync(path) : path;
    const earlier = seen.get(real);
    if (earlier !== undefined) throw new InputError(`${path}: is named twice${earlier === path ? '' : ` (it is ${earlier})`}; name every capture once`);
    seen.set(real, path);
  }
}

function refuseUnlessRegular(path: string): void {
  if (path === STDIN) {
    throw new InputError('standard input cannot be joined with other captures; write it to a file first');
  }
  let regular: boolean;
  try {
    const status = statSync(path);
    regular = status.isFile() || status.isDirectory();
  } catch (error) {
    throw openingError(path, error);
  }
  if (!regular) {
    throw new InputError(`${path}: is no regular file; several captures are put in order first, and this one can be read only once`);
  }
}

function compareTimes(first: bigint | null, second: bigint | null): number {
  if (first === null || second === null) {
    return Number(first === null) - Number(second === null);
  }
  return first < second ? -1 : Number(first > second);
}
