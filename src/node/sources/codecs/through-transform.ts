import type { Transform } from 'node:stream';
import { errorCode } from '../../error-message.ts';
import { EndOfBytes } from '../byte-stream.ts';
import { CorruptStream } from './codec.ts';

/**
 * Feeds `pieces` to a decompressing stream of node:zlib, and yields the output of each before the next is fed: memory is bounded by what one
 * piece can expand to, and an error loses only the output of its piece. What follows the compressed content, such as zeros after the last
 * member of a gzip file, is ignored.
 */
export async function* throughTransform(transform: Transform, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const output: Uint8Array[] = [];
  let ended = false;
  transform.on('data', (chunk: Uint8Array) => output.push(chunk));
  const finished = new Promise<Error | null>((resolve) => {
    transform.once('error', resolve);
    transform.once('end', () => {
      ended = true;
      resolve(null);
    });
  });
  try {
    for await (const piece of pieces) {
      const written = new Promise<Error | null>((resolve) => {
        transform.write(piece, (error) => resolve(error ?? null));
      });
      const error = await Promise.race([written, finished]);
      yield* output.splice(0);
      refuse(error);
      if (ended) {
        return;
      }
    }
    transform.end();
    const error = await finished;
    yield* output.splice(0);
    refuse(error);
  } finally {
    transform.destroy();
  }
}

function refuse(error: Error | null): void {
  if (error === null) {
    return;
  }
  const cut = errorCode(error) === 'Z_BUF_ERROR';
  throw cut ? new EndOfBytes() : new CorruptStream(error.message, { cause: error });
}
