import type { Codec } from './codecs/codec.ts';
import { gzip } from './codecs/gzip.ts';
import { lz4 } from './codecs/lz4.ts';
import { xz } from './codecs/xz.ts';
import { zstd } from './codecs/zstd.ts';

/** Every compression that is read: a new one is a file and a line. */
const CODECS: readonly Codec[] = [gzip, zstd, lz4, xz];

/**
 * The compression of content that begins with `head` (`HEAD_LENGTH` bytes, or all there is), null when it has none. Throws
 * `InputError` for a variant that is not read.
 */
export function recogniseCodec(head: Uint8Array): Codec | null {
  return CODECS.find((codec) => codec.recognises(head)) ?? null;
}
