/** The longest range that `sumWords` adds without overflow. */
export const LONGEST_SUM = 0xffff;

/** Ranges from this length on are summed by aligned 32-bit words. */
const LONG = 128;
/** Typed arrays use the machine's byte order. */
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The memory of the latest long sum, as words. It is nearly always the reader's one buffer. */
let memory: ArrayBufferLike = new ArrayBuffer(0);
let words: Uint32Array = new Uint32Array(memory);

/**
 * Sum of the big-endian 16-bit words of `view[from, to)`, an odd last byte padded with zero (RFC 1071). Not folded yet; below 2^31
 * for up to `LONGEST_SUM` bytes.
 */
export function sumWords(view: DataView, from: number, to: number): number {
  return to - from < LONG ? sumShort(view, from, to) : sumLong(view, from, to);
}

function sumShort(view: DataView, from: number, to: number): number {
  let sum = 0;
  let at = from;
  for (const stop = to - 15; at < stop; at += 16) {
    const a = view.getInt32(at);
    const b = view.getInt32(at + 4);
    const c = view.getInt32(at + 8);
    const d = view.getInt32(at + 12);
    // `| 0` keeps the sum a machine integer, which halves the time.
    sum = (sum + (a >>> 16) + (a & 0xffff) + (b >>> 16) + (b & 0xffff) + (c >>> 16) + (c & 0xffff) + (d >>> 16) + (d & 0xffff)) | 0;
  }
  for (const stop = to - 3; at < stop; at += 4) {
    const word = view.getInt32(at);
    sum = (sum + (word >>> 16) + (word & 0xffff)) | 0;
  }
  if (at + 1 < to) {
    sum += view.getUint16(at);
    at += 2;
  }
  return at < to ? sum + (view.getUint8(at) << 8) : sum;
}

/** The same sum in half the time: over aligned words in the machine's byte order, which is corrected at the end (RFC 1071 §2). */
function sumLong(view: DataView, from: number, to: number): number {
  const { byteOffset } = view;
  if (view.buffer !== memory) {
    memory = view.buffer;
    words = new Uint32Array(memory, 0, memory.byteLength >> 2);
  }
  const start = from + (-(byteOffset + from) & 3);
  const first = (byteOffset + start) >> 2;
  const last = first + (((to - start) >> 4) << 2);
  const aligned = words;
  // Doubles hold these sums exactly. Four of them, since additions to one would wait for each other.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let index = first; index < last; index += 4) {
    a += aligned[index];
    b += aligned[index + 1];
    c += aligned[index + 2];
    d += aligned[index + 3];
  }
  const total = a + b + c + d;
  const middle = fold(fold(Math.floor(total / 0x1_0000_0000) + halves(total | 0)));
  const rest = sumShort(view, start + ((last - first) << 2), to);
  const isOdd = ((start - from) & 1) !== 0;
  // After an odd number of bytes, the bytes of every 16-bit word are swapped.
  return sumShort(view, from, start) + (isOdd === LITTLE_ENDIAN ? middle : swapped(middle)) + (isOdd ? swapped(fold(rest)) : rest);
}

function swapped(word: number): number {
  return ((word & 0xff) << 8) | (word >>> 8);
}

/** The one's complement 16-bit sum: carries are added back in. */
export function fold(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

/** The two halves of a 32-bit word, added. */
export function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}
