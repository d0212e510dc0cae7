import { TUNNELS } from '../wire/tunnel/index.ts';

const GENEVE_HEADER = 8;
const NSH_HEADER = 8;
const AYIYA_HEADER = 8;
const L2TP_OFFSET = 0x0200;
const TZSP_HEADER = 4;
const TEREDO_AUTHENTICATION = 0x01;
const TEREDO_FIXED = 4;

type Wipe = (bytes: Uint8Array, at: number, end: number) => void;

/**
 * Tunnels whose headers may hold more than numbers of networks and sessions. The rest is overwritten with zeros, without changing where
 * the header ends.
 */
const WIPES: { readonly [tunnel: string]: Wipe } = {
  // Options of class, type and length 0 (RFC 8926 §3.5).
  geneve: (bytes, at, end) => bytes.fill(0, at + GENEVE_HEADER, end),
  nsh: (bytes, at, end) => bytes.fill(0, at + NSH_HEADER, end),
  // Epoch time, identity (an address) and signature.
  ayiya: (bytes, at, end) => bytes.fill(0, at + AYIYA_HEADER / 2, end),
  teredo: (bytes, at, end) => {
    // The lengths of an authentication stay, and the type of an origin, which is an address.
    const isSigned = end > at + 1 && bytes[at + 1] === TEREDO_AUTHENTICATION;
    if (isSigned) {
      const origin = at + 13 + bytes[at + 2] + bytes[at + 3];
      bytes.fill(0, at + TEREDO_FIXED, Math.min(origin, end));
      bytes.fill(0, Math.min(origin + 2, end), end);
    } else {
      bytes.fill(0, Math.min(at + 2, end), end);
    }
  },
  l2tp: (bytes, at, end) => {
    const bits = (bytes[at] << 8) | bytes[at + 1];
    if ((bits & L2TP_OFFSET) === 0) return;
    const size = 8 + ((bits & 0x4000) === 0 ? 0 : 2) + ((bits & 0x0800) === 0 ? 0 : 4);
    bytes.fill(0, Math.min(at + size, end), end);
  },
  tzsp: (bytes, at, end) => {
    for (let tag = at + TZSP_HEADER; tag + 1 < end; ) {
      // Tag 0 is padding, 1 ends the list; all others have a length.
      if (bytes[tag] <= 1) {
        tag += 1;
        continue;
      }
      const next = tag + 2 + bytes[tag + 1];
      bytes.fill(0, tag + 2, Math.min(next, end));
      tag = next;
    }
  },
};

const byCode = new Map(TUNNELS.map(({ code, name }) => [code, WIPES[name]]));

/** Overwrites what the header `[at, end)` of a tunnel holds besides numbers of networks and sessions. */
export function wipeTunnelHeader(bytes: Uint8Array, at: number, end: number, code: number): void {
  byCode.get(code)?.(bytes, at, end);
}
