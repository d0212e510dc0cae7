import type { ByteStream } from '../byte-stream.ts';
import { startsWith } from './codec.ts';
import type { Codec } from './codec.ts';
import { throughTransform } from './through-transform.ts';

const OUTPUT_CHUNK = 256 * 1024;
const SMALLEST_PIECE = 512;
const LARGEST_PIECE = 16 * 1024;

/** gzip (RFC 1952), also with several members. */
export const gzip: Codec = {
  name: 'gzip',
  recognises: (head) => startsWith(head, [0x1f, 0x8b]),
  decode,
};

async function* decode(input: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  const { createGunzip } = await import('node:zlib');
  yield* throughTransform(createGunzip({ chunkSize: OUTPUT_CHUNK }), pieces(input));
}

/** Small pieces at first: the output of a piece with an error is lost, and a small file would have only one. */
async function* pieces(input: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  let read = 0;
  for (;;) {
    const piece = await input.readSome(Math.min(Math.max(read >> 3, SMALLEST_PIECE), LARGEST_PIECE));
    if (piece.length === 0) {
      return;
    }
    read += piece.length;
    yield piece;
  }
}
