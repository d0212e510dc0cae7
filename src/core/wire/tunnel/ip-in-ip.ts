import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../cursor.ts';
import type { Cursor, Next } from '../cursor.ts';
import type { Tunnel } from './tunnel.ts';

const IPV4 = 4;
const IPV6 = 41;

/** IP directly within IP: RFC 2003, RFC 4213 §3, RFC 2473. */
export const ipip: Tunnel = { code: 1, name: 'ipip', protocols: [IPV4], carrier: 4, enter: enterIpv4 };
export const sixInFour: Tunnel = { code: 2, name: '6in4', protocols: [IPV6], carrier: 4, enter: enterIpv6 };
export const fourInSix: Tunnel = { code: 3, name: '4in6', protocols: [IPV4], carrier: 6, enter: enterIpv4 };
export const sixInSix: Tunnel = { code: 4, name: '6in6', protocols: [IPV6], carrier: 6, enter: enterIpv6 };

function enterIpv4(cursor: Cursor): Next {
  cursor.tunnelId = 0;
  return ETHERTYPE_IPV4;
}

function enterIpv6(cursor: Cursor): Next {
  cursor.tunnelId = 0;
  return ETHERTYPE_IPV6;
}
