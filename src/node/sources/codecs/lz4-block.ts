/**
 * How many bytes an lz4 block decompresses to; -1 if it is malformed: it reaches beyond its input, its history, or `most` bytes of output.
 * The sequences are walked without copying (lz4_Block_format.md), since the library that decompresses checks nothing.
 */
export function blockOutput(block: Uint8Array, length: number, history: number, most: number): number {
  let position = 0;
  let produced = 0;
  while (position < length) {
    const token = block[position++];
    let literals = token >> 4;
    if (literals === 15) {
      let byte = 255;
      while (byte === 255 && position < length) {
        byte = block[position++];
        literals += byte;
      }
    }
    position += literals;
    produced += literals;
    if (position > length || produced > most) {
      return -1;
    }
    if (position === length) {
      return produced;
    }
    if (position + 2 > length) {
      return -1;
    }
    const distance = block[position] | (block[position + 1] << 8);
    position += 2;
    let match = token & 15;
    if (match === 15) {
      let byte = 255;
      while (byte === 255 && position < length) {
        byte = block[position++];
        match += byte;
      }
    }
    if (distance === 0 || distance > history + produced) {
      return -1;
    }
    produced += match + 4;
    if (produced > most) {
      return -1;
    }
  }
  // A block ends with literals, so this one is cut.
  return -1;
}
