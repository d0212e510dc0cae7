import { ETHERTYPE_ETHERNET } from '../cursor.ts';
import type { LinkLayer } from './link.ts';

const SERVICE_TAG = 4;

/** IEEE 802.1ah: a customer's Ethernet frame behind a service instance tag. */
export const providerBackbone: LinkLayer = {
  dlt: [],
  etherTypes: [0x88e7],
  name: 'PBB',
  locate(cursor) {
    if (!cursor.has(SERVICE_TAG)) return cursor.short(SERVICE_TAG);
    cursor.at += SERVICE_TAG;
    return ETHERTYPE_ETHERNET;
  },
};
