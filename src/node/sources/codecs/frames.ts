import type { ByteStream } from '../byte-stream.ts';
import { CorruptStream, uint32 } from './codec.ts';

const SKIPPABLE = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;

/**
 * The content of a sequence of frames, in zstd or lz4, which may have skippable frames between them (RFC 8878 §3.1.2). `decodeFrame` begins
 * behind the magic number and ends with its frame. Throws `CorruptStream` if something else follows.
 */
export async function* decodeFrames(
  input: ByteStream, name: string, magic: number, decodeFrame: (input: ByteStream) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  while ((await input.peek(4)).length > 0) {
    const found = uint32(await input.read(4), 0);
    if ((found & SKIPPABLE_MASK) >>> 0 === SKIPPABLE) {
      await input.skip(uint32(await input.read(4), 0));
    } else if (found === magic) {
      yield* decodeFrame(input);
    } else {
      throw new CorruptStream(`no ${name} frame follows the last one`);
    }
  }
}
