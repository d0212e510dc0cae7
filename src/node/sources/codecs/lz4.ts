import { createRequire } from 'node:module';
import type xxhash from 'xxhash-wasm';
import type { XXHashAPI } from 'xxhash-wasm';
import type { ByteStream } from '../byte-stream.ts';
import { InputError } from '../input-error.ts';
import { CorruptStream, startsWith, uint32 } from './codec.ts';
import type { Codec } from './codec.ts';
import { decodeFrames } from './frames.ts';
import { blockOutput } from './lz4-block.ts';

/** The part of lz4js that is used. Its functions for frames would need the whole input at once. */
interface Lz4js {
  /** Decompresses `source[start, start + length)` into `target` from `at` on and returns the end. Checks nothing. */
  decompressBlock(source: Uint8Array, target: Uint8Array, start: number, length: number, at: number): number;
}
const require = createRequire(import.meta.url);
/* Loaded once there is something to decompress: most captures are not compressed. */
const lz4js = (): Lz4js => require('lz4js') as Lz4js;

/** The frame format's checksums are XXH32 with seed 0. */
const loadXxhash = (): ReturnType<typeof xxhash> => (require('xxhash-wasm') as typeof xxhash)();

const FRAME_MAGIC = 0x184d2204;
const LEGACY_MAGIC = [0x02, 0x21, 0x4c, 0x18];
const BLOCK_SIZES: ReadonlyMap<number, number> = new Map([[4, 1 << 16], [5, 1 << 18], [6, 1 << 20], [7, 1 << 22]]);
/** How far back a match may reach: into earlier blocks, if they are linked. */
const HISTORY = 1 << 16;

/** lz4 in its frame format (lz4_Frame_format.md 1.6), also with several frames. */
export const lz4: Codec = {
  name: 'lz4',
  recognises(head) {
    if (startsWith(head, LEGACY_MAGIC)) {
      throw new InputError('lz4 in its legacy format, which is not read; convert it: lz4 -dc FILE | lz4 > FILE.lz4');
    }
    return head.length >= 4 && (uint32(head, 0) === FRAME_MAGIC);
  },
  decode: (input) => decodeFrames(input, 'lz4', FRAME_MAGIC, decodeFrame),
};

interface FrameHeader {
  independent: boolean;
  blockChecksums: boolean;
  contentChecksum: boolean;
  blockSize: number;
}

async function readHeader(input: ByteStream, xxh32: XXHashAPI): Promise<FrameHeader> {
  const flags = (await input.peek(1))[0];
  const length = 2 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0);
  const bytes = await input.read(length + 1);
  const blockSize = BLOCK_SIZES.get((bytes[1] >> 4) & 7);
  if (flags >> 6 !== 1 || blockSize === undefined) {
    throw new CorruptStream(`lz4 frame header of an unknown version or block size`);
  }
  if (((xxh32.h32Raw(bytes.subarray(0, length)) >>> 8) & 0xff) !== bytes[length]) {
    throw new CorruptStream('lz4 frame header with a wrong checksum');
  }
  if ((flags & 0x01) !== 0) {
    throw new CorruptStream('lz4 frame that needs a dictionary');
  }
  return { independent: (flags & 0x20) !== 0, blockChecksums: (flags & 0x10) !== 0, contentChecksum: (flags & 0x04) !== 0, blockSize };
}

async function* decodeFrame(input: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  const xxh32 = await loadXxhash();
  const header = await readHeader(input, xxh32);
  const target = new Uint8Array(HISTORY + header.blockSize);
  const content = header.contentChecksum ? xxh32.create32() : null;
  /** Where the history ends, and the output of the next block begins. */
  let at = 0;
  for (;;) {
    const word = uint32(await input.read(4), 0);
    if (word === 0) {
      break;
    }
    const stored = word >>> 31 === 1;
    const length = word & 0x7fffffff;
    if (length > header.blockSize) {
      throw new CorruptStream(`lz4 block of ${length} bytes, the frame allows ${header.blockSize}`);
    }
    const bytes = await input.read(length + (header.blockChecksums ? 4 : 0));
    if (header.blockChecksums && xxh32.h32Raw(bytes.subarray(0, length)) !== uint32(bytes, length)) {
      throw new CorruptStream('lz4 block with a wrong checksum');
    }
    const end = stored ? copy(bytes.subarray(0, length), target, at) : decompress(bytes, length, target, at, header.blockSize);
    content?.update(target.subarray(at, end));
    yield target.subarray(at, end);
    at = header.independent ? 0 : keepHistory(target, end);
  }
  if (content !== null && content.digest() !== uint32(await input.read(4), 0)) {
    throw new CorruptStream('lz4 content with a wrong checksum: the damage lies somewhere before');
  }
}

function copy(bytes: Uint8Array, target: Uint8Array, at: number): number {
  target.set(bytes, at);
  return at + bytes.length;
}

function decompress(bytes: Uint8Array, length: number, target: Uint8Array, at: number, most: number): number {
  const produced = blockOutput(bytes, length, at, most);
  if (produced === -1) {
    throw new CorruptStream('lz4 block that contradicts itself');
  }
  return lz4js().decompressBlock(bytes, target, 0, length, at);
}

/** Moves the last bytes of output to the front of `target`, and returns how many they are. */
function keepHistory(target: Uint8Array, end: number): number {
  const start = Math.max(0, end - HISTORY);
  target.copyWithin(0, start, end);
  return end - start;
}
