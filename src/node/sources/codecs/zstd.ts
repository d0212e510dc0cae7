import { Decompress } from 'fzstd';
import type { Transform } from 'node:stream';
import { errorMessage } from '../../error-message.ts';
import type { ByteStream } from '../byte-stream.ts';
import { CorruptStream, uint32 } from './codec.ts';
import type { Codec } from './codec.ts';
import { decodeFrames } from './frames.ts';
import { throughTransform } from './through-transform.ts';

const FRAME_MAGIC = 0xfd2fb528;
/** Largest window accepted, the default of the zstd tool: a header alone must not make us allocate more. */
const WINDOW_LIMIT = 128 * 1024 * 1024;
const LARGEST_FRAME_HEADER = 18;

/** zstd (RFC 8878), also with several frames and skippable ones. Content checksums are verified only if node:zlib knows zstd. */
export const zstd: Codec = {
  name: 'zstd',
  recognises: (head) => head.length >= 4 && (uint32(head, 0) === FRAME_MAGIC),
  decode: (input) => decodeFrames(input, 'zstd', FRAME_MAGIC, decodeFrame),
};

async function* decodeFrame(input: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  // Newer versions of Node.js know zstd, and are several times faster than the library.
  const { createZstdDecompress: createNative } = (await import('node:zlib')) as { createZstdDecompress?: () => Transform };
  yield* createNative === undefined ? withLibrary(frame(input)) : throughTransform(createNative(), frame(input));
}

/** The bytes of one frame, whose magic number has been read: its header, then block by block. */
async function* frame(input: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  const header = await frameHeader(input);
  yield withMagic(header.bytes);
  for (let last = false; !last; ) {
    const head = await input.peek(3);
    const word = head[0] | (head[1] << 8) | (head[2] << 16);
    const type = (word >> 1) & 3;
    last = (word & 1) === 1;
    if (type === 3) {
      throw new CorruptStream('zstd block of a reserved type');
    }
    // A block of type 1 is one byte repeated.
    yield await input.read(3 + (type === 1 ? 1 : word >> 3) + (last && header.checksum ? 4 : 0));
  }
}

async function frameHeader(input: ByteStream): Promise<{ bytes: Uint8Array; checksum: boolean }> {
  const peeked = await input.peek(LARGEST_FRAME_HEADER);
  const flags = peeked[0];
  const singleSegment = (flags & 0x20) !== 0;
  const dictionaryLength = [0, 1, 2, 4][flags & 3];
  const sizeLength = [singleSegment ? 1 : 0, 2, 4, 8][flags >> 6];
  const sizeAt = 1 + (singleSegment ? 0 : 1) + dictionaryLength;
  const bytes = (await input.read(sizeAt + sizeLength)).slice();
  if (dictionaryLength > 0 && bytes.subarray(sizeAt - dictionaryLength, sizeAt).some((byte) => byte !== 0)) {
    throw new CorruptStream('zstd frame that needs a dictionary');
  }
  const window = singleSegment ? contentSize(bytes.subarray(sizeAt)) : windowSize(bytes[1]);
  if (window > WINDOW_LIMIT) {
    throw new CorruptStream(`zstd frame that needs a window of ${window} bytes, the limit is ${WINDOW_LIMIT}`);
  }
  return { bytes, checksum: (flags & 0x04) !== 0 };
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentSize(bytes: Uint8Array): number {
  const size = bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
  return bytes.length === 2 ? size + 256 : size;
}

function withMagic(header: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + header.length);
  new DataView(bytes.buffer).setUint32(0, FRAME_MAGIC, true);
  bytes.set(header, 4);
  return bytes;
}

async function* withLibrary(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const output: Uint8Array[] = [];
  const decompressor = new Decompress((chunk) => output.push(chunk));
  for await (const piece of pieces) {
    try {
      // The library may keep a piece until the next one.
      decompressor.push(piece.slice());
    } catch (error) {
      throw new CorruptStream(errorMessage(error), { cause: error });
    }
    yield* output.splice(0);
  }
  try {
    decompressor.push(new Uint8Array(0), true);
  } catch (error) {
    throw new CorruptStream(errorMessage(error), { cause: error });
  }
  yield* output.splice(0);
}
