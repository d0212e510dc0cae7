import { leave } from '../cursor.ts';
import type { Cursor, Next } from '../cursor.ts';
import { register } from '../registry.ts';
import { Decoded } from '../segment.ts';
import { provesTunnel } from './any-port.ts';
import { ayiya } from './ayiya.ts';
import { erspan, erspan3 } from './erspan.ts';
import { etherip } from './etherip.ts';
import { geneve } from './geneve.ts';
import { gre, greInUdp } from './gre.ts';
import { gtp } from './gtp.ts';
import { fourInSix, ipip, sixInFour, sixInSix } from './ip-in-ip.ts';
import { l2tp } from './l2tp.ts';
import { lisp } from './lisp.ts';
import { mplsInUdp } from './mpls-in-udp.ts';
import { nsh } from './nsh.ts';
import { teredo } from './teredo.ts';
import type { Tunnel } from './tunnel.ts';
import { tzsp } from './tzsp.ts';
import { vxlan, vxlanGpe } from './vxlan.ts';
import { wccp } from './wccp.ts';

/** Every tunnel that synoptic looks into. */
export const TUNNELS: readonly Tunnel[] = [
  ipip,
  sixInFour,
  fourInSix,
  sixInSix,
  gre,
  greInUdp,
  wccp,
  erspan,
  erspan3,
  vxlan,
  vxlanGpe,
  nsh,
  geneve,
  gtp,
  teredo,
  mplsInUdp,
  ayiya,
  etherip,
  l2tp,
  tzsp,
  lisp,
];

const byCode = new Map<number, Tunnel>();
const byProtocolIpv4 = new Map<number, Tunnel>();
const byProtocolIpv6 = new Map<number, Tunnel>();
const byEtherType = new Map<number, Tunnel>();
const byPort = new Map<number, Tunnel>();
const onAnyPort = TUNNELS.filter((tunnel) => tunnel.anyPort === true);

for (const tunnel of TUNNELS) {
  register(byCode, tunnel.code, tunnel);
  for (const protocol of tunnel.protocols ?? []) {
    if (tunnel.carrier !== 6) register(byProtocolIpv4, protocol, tunnel);
    if (tunnel.carrier !== 4) register(byProtocolIpv6, protocol, tunnel);
  }
  for (const etherType of tunnel.etherTypes ?? []) register(byEtherType, etherType, tunnel);
  for (const port of tunnel.ports ?? []) register(byPort, port, tunnel);
}

/** Name of a tunnel in reports; null for none (code 0). */
export function tunnelName(code: number): string | null {
  return byCode.get(code)?.name ?? null;
}

/** Enters the tunnel with this IP protocol number. */
export function enterIpTunnel(cursor: Cursor, protocol: number): Next {
  const tunnel = (cursor.ipVersion === 6 ? byProtocolIpv6 : byProtocolIpv4).get(protocol);
  return tunnel === undefined ? leave(Decoded.NOT_TCP) : enter(cursor, tunnel);
}

/** Enters the tunnel with this EtherType. */
export function enterEtherTypeTunnel(cursor: Cursor, etherType: number): Next {
  const tunnel = byEtherType.get(etherType);
  return tunnel === undefined ? leave(Decoded.NOT_IP) : enter(cursor, tunnel);
}

/**
 * Enters the tunnel in a UDP datagram, at whose payload `cursor` stands. The destination port takes precedence over the source port. On
 * other ports a tunnel has to be proved.
 */
export function enterUdpTunnel(cursor: Cursor, sourcePort: number, destinationPort: number): Next {
  const tunnel = byPort.get(destinationPort) ?? byPort.get(sourcePort);
  if (tunnel === undefined) return enterUnusualPort(cursor);
  cursor.guessed = true;
  return enter(cursor, tunnel);
}

function enterUnusualPort(cursor: Cursor): Next {
  const { at, end, limit, tunnelId } = cursor;
  for (const tunnel of onAnyPort) {
    const next = tunnel.enter(cursor);
    if (next >= 0 && provesTunnel(cursor, next)) {
      cursor.tunnel = tunnel.code;
      return next;
    }
    cursor.at = at;
    cursor.end = end;
    cursor.limit = limit;
    cursor.tunnelId = tunnelId;
  }
  return leave(Decoded.NOT_TCP);
}

/** A segment is labelled with its innermost tunnel. */
function enter(cursor: Cursor, tunnel: Tunnel): Next {
  const next = tunnel.enter(cursor);
  if (next >= 0) cursor.tunnel = tunnel.code;
  return next;
}
