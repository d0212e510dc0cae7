import type { Tunnel } from './tunnel.ts';

const MPLS = 0x8847;

/** MPLS in UDP (RFC 7510 §3). */
export const mplsInUdp: Tunnel = {
  code: 16,
  name: 'mpls-in-udp',
  ports: [6635],
  enter(cursor) {
    cursor.tunnelId = 0;
    return MPLS;
  },
};
