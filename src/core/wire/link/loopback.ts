import type { Cursor, Next } from '../cursor.ts';
import { nextOfFamily } from './address-family.ts';
import type { LinkLayer } from './link.ts';

const HEADER = 4;

/** BSD loopback: the address family in the byte order of the host that captured. */
export const nullLoopback: LinkLayer = { dlt: [0], name: 'NULL', locate: locateFamily };
/** OpenBSD loopback: the address family in network byte order. */
export const loop: LinkLayer = { dlt: [108], name: 'LOOP', locate: locateFamily };

function locateFamily(cursor: Cursor): Next {
  if (!cursor.has(HEADER)) return cursor.short(HEADER);
  const { view, at } = cursor;
  cursor.at = at + HEADER;
  // Families are small numbers: in the wrong byte order they would fill the upper half.
  const family = view.getUint32(at);
  return nextOfFamily(family > 0xffff ? view.getUint32(at, true) : family);
}
