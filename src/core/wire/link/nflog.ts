import { leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import { nextOfFamily } from './address-family.ts';
import type { LinkLayer } from './link.ts';

const HEADER = 4;
const ATTRIBUTE_HEADER = 4;
const PAYLOAD = 9;
/** Without the flag for nested attributes. Attributes are in the byte order of the host: little-endian nearly everywhere. */
const TYPE = 0x7fff;

/** Linux netfilter logs (`tcpdump -i nflog`): address family, version, group, then attributes, one of which is the packet. */
export const nflog: LinkLayer = {
  dlt: [239],
  name: 'NFLOG',
  locate(cursor) {
    if (!cursor.has(HEADER)) return cursor.short(HEADER);
    const { bytes, view } = cursor;
    const family = bytes[cursor.at];
    cursor.at += HEADER;
    for (;;) {
      if (!cursor.has(ATTRIBUTE_HEADER)) return cursor.short(ATTRIBUTE_HEADER);
      const at = cursor.at;
      const length = view.getUint16(at, true);
      if (length < ATTRIBUTE_HEADER) return leave(Decoded.NOT_IP);
      if ((view.getUint16(at + 2, true) & TYPE) === PAYLOAD) {
        if (!cursor.bound(length)) return leave(Decoded.BAD_LENGTH);
        cursor.at = at + ATTRIBUTE_HEADER;
        return nextOfFamily(family);
      }
      cursor.at = at + ((length + 3) & ~3);
    }
  },
};
