import { LINK, leave } from '../cursor.ts';
import type { Cursor } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { LinkLayer } from './link.ts';

const IEEE802_11 = 105;
const SMALLEST = 8;
/** Bits of the "present" words: an eight-byte timestamp, the flags, and another such word. */
const TIMESTAMP = 0x01;
const FLAGS = 0x02;
const ANOTHER_WORD = 0x8000_0000;
/** Flags: the IEEE 802.11 header is padded to four bytes; the frame arrived damaged. */
const PADDED = 0x20;
const BAD_FCS = 0x40;

/** The radiotap header that monitor mode puts before IEEE 802.11 frames. */
export const radiotap: LinkLayer = {
  dlt: [127],
  name: 'IEEE802_11_RADIOTAP',
  locate(cursor) {
    if (!cursor.has(SMALLEST)) return cursor.short(SMALLEST);
    const { view, at } = cursor;
    const length = view.getUint16(at + 2, true);
    if (length < SMALLEST) return leave(Decoded.NOT_IP);
    if (!cursor.has(length)) return cursor.short(length);
    const flags = readFlags(cursor, length);
    // The receiver dropped it as well.
    if ((flags & BAD_FCS) !== 0) return leave(Decoded.NOT_IP);
    cursor.padded = (flags & PADDED) !== 0;
    cursor.at = at + length;
    return LINK + IEEE802_11;
  },
};

function readFlags(cursor: Cursor, length: number): number {
  const { bytes, view, at } = cursor;
  const present = view.getUint32(at + 4, true);
  if ((present & FLAGS) === 0) return 0;
  let field = 8;
  for (let word = present; (word & ANOTHER_WORD) !== 0 && field + 4 <= length; field += 4) word = view.getUint32(at + field, true);
  if ((present & TIMESTAMP) !== 0) field = ((field + 7) & ~7) + 8;
  return field < length ? bytes[at + field] : 0;
}
