/** The longest range that `sumWords` adds without overflow. */
export const LONGEST_SUM = 0xffff;

/**
 * Sum of the big-endian 16-bit words of `view[from, to)`, an odd last byte padded with zero (RFC 1071). Not folded; less than
 * 2^31 for up to `LONGEST_SUM` bytes.
 */
export function sumWords(view: DataView, from: number, to: number): number {
  let sum = 0;
  let at = from;
  for (const stop = to - 15; at < stop; at += 16) {
    const a = view.getInt32(at);
    const b = view.getInt32(at + 4);
    const c = view.getInt32(at + 8);
    const d = view.getInt32(at + 12);
    // `| 0` keeps the sum a machine integer: half the time.
    sum = (sum + (a >>> 16) + (a & 0xffff) + (b >>> 16) + (b & 0xffff) + (c >>> 16) + (c & 0xffff) + (d >>> 16) + (d & 0xffff)) | 0;
  }
  for (; at + 1 < to; at += 2) sum += view.getUint16(at);
  return at < to ? sum + (view.getUint8(at) << 8) : sum;
}

/** The one's complement 16-bit sum: carries brought back in. */
export function fold(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

/** The two halves of a 32-bit word, added. */
export function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}
