/** The longest range that `sumWords` adds without overflow. */
export const LONGEST_SUM = 0xffff;

/**
 * Sum of the big-endian 16-bit words of `view[from, to)`, an odd last byte padded with zero (RFC 1071). Not folded; less than
 * 2^31 for up to `LONGEST_SUM` bytes.
 */
export function sumWords(view: DataView, from: number, to: number): number {
  let high = 0;
  let low = 0;
  let at = from;
  for (const stop = to - 15; at < stop; at += 16) {
    const a = view.getInt32(at);
    const b = view.getInt32(at + 4);
    const c = view.getInt32(at + 8);
    const d = view.getInt32(at + 12);
    high += (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16);
    low += (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff);
  }
  for (; at + 1 < to; at += 2) low += view.getUint16(at);
  if (at < to) low += view.getUint8(at) << 8;
  return high + low;
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
