import type { LinkLayer } from './link.ts';

const HEADER = 4;

/** Cisco HDLC: address, control, EtherType (RFC 1547 §4.3.1). */
export const ciscoHdlc: LinkLayer = {
  dlt: [104],
  name: 'C_HDLC',
  locate(cursor) {
    if (!cursor.has(HEADER)) return cursor.short(HEADER);
    const { view, at } = cursor;
    cursor.at = at + HEADER;
    return view.getUint16(at + 2);
  },
};
