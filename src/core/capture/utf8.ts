const REPLACEMENT = 0xfffd;

/** The UTF-8 bytes of a text, cut off between characters so that there are at most `longest`. A lone surrogate becomes U+FFFD. */
export function utf8(text: string, longest = Infinity): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0)!;
    const encoded = encode(point >= 0xd800 && point <= 0xdfff ? REPLACEMENT : point);
    if (bytes.length + encoded.length > longest) break;
    bytes.push(...encoded);
  }
  return Uint8Array.from(bytes);
}

function encode(point: number): number[] {
  const tail = (shift: number): number => 0x80 | ((point >>> shift) & 0x3f);
  if (point < 0x80) return [point];
  if (point < 0x800) return [0xc0 | (point >>> 6), tail(0)];
  if (point < 0x10000) return [0xe0 | (point >>> 12), tail(6), tail(0)];
  return [0xf0 | (point >>> 18), tail(12), tail(6), tail(0)];
}
