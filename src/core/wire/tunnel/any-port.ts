import { fold, sumWords } from '../checksum.ts';
import { ANY_IP, ETHERTYPE_ETHERNET, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../cursor.ts';
import type { Cursor, Next } from '../cursor.ts';

const ETHERNET_HEADER = 14;

/**
 * Whether a tunnel on an unusual port is proved to be one by what is inside it: an IP packet that fills the rest of the datagram to the
 * byte and, for IPv4, has a good header checksum. Other payloads fit by chance less than once in 2^40.
 */
export function provesTunnel(cursor: Cursor, next: Next): boolean {
  const { bytes, view, limit, end } = cursor;
  let at = cursor.at;
  let type = next;
  if (next === ETHERTYPE_ETHERNET) {
    if (!cursor.has(ETHERNET_HEADER)) return false;
    type = view.getUint16(at + 12);
    at += ETHERNET_HEADER;
  }
  if (at + 20 > end) return false;
  const version = bytes[at] >>> 4;
  if (version === 4 && (type === ETHERTYPE_IPV4 || next === ANY_IP)) {
    const headerEnd = at + (bytes[at] & 0x0f) * 4;
    return headerEnd >= at + 20 && headerEnd <= end && at + view.getUint16(at + 2) === limit && fold(sumWords(view, at, headerEnd)) === 0xffff;
  }
  return version === 6 && (type === ETHERTYPE_IPV6 || next === ANY_IP) && at + 40 + view.getUint16(at + 4) === limit;
}
