import { createRequire } from 'node:module';
import type { ByteStream } from '../byte-stream.ts';
import { EndOfBytes } from '../byte-stream.ts';
import { InputError } from '../input-error.ts';
import { CorruptStream, startsWith } from './codec.ts';
import type { Codec } from './codec.ts';

/** The types of the package name the ReadableStream of browsers, but that of Node.js is meant. */
interface XzDecompress {
  XzReadableStream: new (compressed: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;
}
const require = createRequire(import.meta.url);

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
/** A check of the content that the library cannot verify (The .xz File Format §2.1.1.2). */
const SHA_256 = 10;
const PIECE = 64 * 1024;
/** Error codes of the library if it will not allocate the dictionary (XZ_MEM_ERROR, XZ_MEMLIMIT_ERROR of xz-embedded). */
const TOO_LARGE = /code [34]$/;

/** xz, also with several streams. One file at a time: the library cannot decode two at once in a thread. */
export const xz: Codec = {
  name: 'xz',
  recognises(head) {
    if (!startsWith(head, MAGIC)) {
      return false;
    }
    if ((head[7] & 0x0f) === SHA_256) {
      throw new InputError('xz with a SHA-256 check, which is not read; convert it: xz -dc FILE | xz > FILE.xz');
    }
    return true;
  },
  decode,
};

async function* decode(input: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  // Loaded only if needed: its WebAssembly takes a while to unpack.
  const { XzReadableStream } = require('xz-decompress') as XzDecompress;
  let ended = false;
  let failure: unknown = null;
  const compressed = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const piece = await input.readSome(PIECE);
          if (piece.length === 0) {
            ended = true;
            controller.close();
          } else {
            controller.enqueue(piece.slice());
          }
        } catch (error) {
          failure = error;
          controller.error(error);
        }
      },
    },
    { highWaterMark: 0 },
  );
  const reader = new XzReadableStream(compressed).getReader();
  try {
    for (let result = await reader.read(); !result.done; result = await reader.read()) {
      if (result.value.length > 0) {
        yield result.value;
      }
    }
  } catch (error) {
    if (failure !== null) {
      throw failure;
    }
    const tooLarge = error instanceof Error && TOO_LARGE.test(error.message);
    const reason = tooLarge ? 'their dictionary is larger than 64 MiB' : 'a check or a code of theirs is wrong';
    throw ended ? new EndOfBytes() : new CorruptStream(reason, { cause: error });
  } finally {
    // The library starts no other stream until this one is ended.
    await reader.cancel().catch(() => undefined);
  }
}
