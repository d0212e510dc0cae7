import { leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import { nextOfFamily } from './address-family.ts';
import type { LinkLayer } from './link.ts';

const SMALLEST_LOG = 4;
const ENC_HEADER = 12;

/** The log of pf, the firewall of the BSDs: header length first, address family second; padded to a multiple of four. */
export const pflog: LinkLayer = {
  dlt: [117],
  name: 'PFLOG',
  locate(cursor) {
    if (!cursor.has(SMALLEST_LOG)) return cursor.short(SMALLEST_LOG);
    const { bytes, at } = cursor;
    const length = (bytes[at] + 3) & ~3;
    if (length < SMALLEST_LOG) return leave(Decoded.NOT_IP);
    cursor.at = at + length;
    return nextOfFamily(bytes[at + 1]);
  },
};

/** IPsec as the BSDs' `enc` interface shows it, decrypted: address family, SPI, flags; in the host's byte order. */
export const enc: LinkLayer = {
  dlt: [109],
  name: 'ENC',
  locate(cursor) {
    if (!cursor.has(ENC_HEADER)) return cursor.short(ENC_HEADER);
    const { view, at } = cursor;
    const family = view.getUint32(at);
    cursor.at = at + ENC_HEADER;
    return nextOfFamily(family > 0xffff ? view.getUint32(at, true) : family);
  },
};
