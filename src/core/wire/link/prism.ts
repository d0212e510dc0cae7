import { LINK, leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { LinkLayer } from './link.ts';

const IEEE802_11 = 105;
const PRISM_HEADER = 144;
const AVS_MAGIC = 0x80211000;
const AVS_VERSION = 0xf;

/** One of two headers that older drivers put before IEEE 802.11 frames. Captures marked as Prism sometimes hold the other, AVS. */
export const prism: LinkLayer = {
  dlt: [119],
  name: 'IEEE802_11_PRISM',
  locate(cursor) {
    if (!cursor.has(8)) return cursor.short(8);
    const { view, at } = cursor;
    if ((view.getUint32(at) & ~AVS_VERSION) >>> 0 === AVS_MAGIC) return avs.locate(cursor);
    if (!cursor.has(PRISM_HEADER)) return cursor.short(PRISM_HEADER);
    cursor.at = at + PRISM_HEADER;
    return LINK + IEEE802_11;
  },
};

export const avs: LinkLayer = {
  dlt: [163],
  name: 'IEEE802_11_AVS',
  locate(cursor) {
    if (!cursor.has(8)) return cursor.short(8);
    const length = cursor.view.getUint32(cursor.at + 4);
    if (length < 8) return leave(Decoded.NOT_IP);
    if (!cursor.has(length)) return cursor.short(length);
    cursor.at += length;
    return LINK + IEEE802_11;
  },
};
