import { createRequire } from 'node:module';
import { ReadableStream } from 'node:stream/web';
import type { ByteStream } from '../byte-stream.ts';
import { EndOfBytes } from '../byte-stream.ts';
import { CorruptStream, startsWith } from './codec.ts';
import type { Codec } from './codec.ts';

/** The package's own types name the browser's ReadableStream; Node's is meant. */
interface XzDecompress {
  XzReadableStream: new (compressed: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;
}
const { XzReadableStream } = createRequire(import.meta.url)('xz-decompress') as XzDecompress;

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
/** As much as the library takes at once, so that a stream's end lies in the last piece that was fed. */
const PIECE = 64 * 1024;

/** xz, several streams included. One at a time: the library decodes no two streams at once in one thread. */
export const xz: Codec = {
  name: 'xz',
  recognises: (head) => startsWith(head, MAGIC),
  decode,
};

async function* decode(input: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  let rest: Uint8Array | null = new Uint8Array(0);
  while (rest !== null) {
    const feed = new Feed(input, rest);
    yield* decodeStream(feed);
    rest = await feed.afterStream();
  }
}

async function* decodeStream(feed: Feed): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new XzReadableStream(feed.stream).getReader();
  try {
    for (;;) {
      const result = await reader.read();
      if (result.done) {
        return;
      }
      if (result.value.length > 0) {
        yield result.value;
      }
    }
  } catch (error) {
    if (feed.failure !== null) {
      throw feed.failure;
    }
    throw feed.ended ? new EndOfBytes() : new CorruptStream('xz data is corrupt', { cause: error });
  } finally {
    // Until its stream is ended the library lets no other one begin.
    await reader.cancel().catch(() => undefined);
  }
}

/** What one xz stream is fed, and what may follow it: the library does not say where the stream ended. */
class Feed {
  readonly stream: ReadableStream<Uint8Array>;
  /** The input ended while the library asked for more. */
  ended = false;
  /** What went wrong with the input itself. */
  failure: unknown = null;
  private readonly input: ByteStream;
  private last: Uint8Array = new Uint8Array(0);

  constructor(input: ByteStream, first: Uint8Array) {
    this.input = input;
    let pending = first;
    this.stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const piece = pending.length > 0 ? pending : (await input.readSome(PIECE)).slice();
            pending = new Uint8Array(0);
            if (piece.length === 0) {
              this.ended = true;
              controller.close();
            } else {
              this.last = piece;
              controller.enqueue(piece);
            }
          } catch (error) {
            this.failure = error;
            controller.error(error);
          }
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** The bytes of a further stream that came with this one's end, empty when it begins behind them; null when none follows. */
  async afterStream(): Promise<Uint8Array | null> {
    const following = await this.input.peek(MAGIC.length);
    const start = find(this.last, MAGIC);
    if (start > 0) {
      return this.last.subarray(start);
    }
    return startsWith(following, MAGIC) ? new Uint8Array(0) : null;
  }
}

function find(bytes: Uint8Array, magic: readonly number[]): number {
  for (let start = bytes.indexOf(magic[0], 1); start !== -1; start = bytes.indexOf(magic[0], start + 1)) {
    if (startsWith(bytes.subarray(start), magic)) {
      return start;
    }
  }
  return -1;
}
