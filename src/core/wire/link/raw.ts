import { ANY_IP, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../cursor.ts';
import type { LinkLayer } from './link.ts';

/** IP without a link layer: 101 in files, but 12 and 14 from systems that write their own value of DLT_RAW. */
export const raw: LinkLayer = { dlt: [12, 14, 101], name: 'RAW', locate: () => ANY_IP };
export const rawIpv4: LinkLayer = { dlt: [228], name: 'IPV4', locate: () => ETHERTYPE_IPV4 };
export const rawIpv6: LinkLayer = { dlt: [229], name: 'IPV6', locate: () => ETHERTYPE_IPV6 };
