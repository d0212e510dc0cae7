import type { ByteStream } from '../byte-stream.ts';

/** A compression, recognised by the first bytes of the content. */
export interface Codec {
  /** Its name in the report. */
  readonly name: string;
  /** Whether content that begins with `head` (up to `HEAD_LENGTH` bytes) is compressed in this way. */
  recognises(head: Uint8Array): boolean;
  /**
   * The decompressed content. If the compressed content is damaged, throws `CorruptStream` or `EndOfBytes` after everything before the
   * damage has been yielded.
   */
  decode(input: ByteStream): AsyncGenerator<Uint8Array, void, undefined>;
}

/** How many leading bytes a codec may look at. */
export const HEAD_LENGTH = 8;

/** Compressed content that contradicts its own format. */
export class CorruptStream extends Error {
  override readonly name = 'CorruptStream';
}

/** Whether `bytes` begin with `magic`. */
export function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

/** The unsigned 32-bit little-endian number at `position`. */
export function uint32(bytes: Uint8Array, position: number): number {
  return (bytes[position] | (bytes[position + 1] << 8) | (bytes[position + 2] << 16) | (bytes[position + 3] << 24)) >>> 0;
}
