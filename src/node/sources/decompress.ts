import type { Codec } from './codecs/codec.ts';
import { gzip } from './codecs/gzip.ts';
import { lz4 } from './codecs/lz4.ts';
import { xz } from './codecs/xz.ts';
import { zstd } from './codecs/zstd.ts';

/** Every compression that can be read. A new one is a file and a line here. */
const CODECS: readonly Codec[] = [gzip, zstd, lz4, xz];

/**
 * The compression of content that begins with `head` (`HEAD_LENGTH` bytes, or all there is); null if it is not compressed. Throws
 * `InputError` for a variant that cannot be read.
 */
export function recogniseCodec(head: Uint8Array): Codec | null {
  return CODECS.find((codec) => codec.recognises(head)) ?? null;
}
