import { locateTypeOrLength } from './ethernet.ts';
import type { LinkLayer } from './link.ts';

const TAG = 4;

/** IEEE 802.1Q tags, stacked or not: customer (0x8100), service (0x88a8, 802.1ad), and two values from before that standard. */
export const vlan: LinkLayer = {
  dlt: [],
  etherTypes: [0x8100, 0x88a8, 0x9100, 0x9200],
  name: 'VLAN',
  locate(cursor) {
    if (!cursor.has(TAG)) return cursor.short(TAG);
    const { view, at } = cursor;
    cursor.tag(view.getUint16(at) & 0x0fff);
    cursor.at = at + TAG;
    return locateTypeOrLength(cursor, view.getUint16(at + 2));
  },
};
