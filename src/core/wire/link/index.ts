import { register } from '../registry.ts';
import { enc, pflog } from './bsd-firewall.ts';
import { ciscoHdlc } from './cisco-hdlc.ts';
import { ethernet } from './ethernet.ts';
import { ieee80211 } from './ieee80211.ts';
import type { LinkLayer } from './link.ts';
import { linuxSll, linuxSll2 } from './linux-sll.ts';
import { loop, nullLoopback } from './loopback.ts';
import { mpls } from './mpls.ts';
import { nflog } from './nflog.ts';
import { pktap, ppi } from './per-packet.ts';
import { ppp, pppHdlc, pppWithDirection } from './ppp.ts';
import { pppoe } from './pppoe.ts';
import { avs, prism } from './prism.ts';
import { providerBackbone } from './provider-backbone.ts';
import { radiotap } from './radiotap.ts';
import { raw, rawIpv4, rawIpv6 } from './raw.ts';
import { vlan } from './vlan.ts';

/** Every link layer and shim that synoptic reads. */
export const LINK_LAYERS: readonly LinkLayer[] = [
  ethernet,
  vlan,
  providerBackbone,
  mpls,
  pppoe,
  linuxSll,
  linuxSll2,
  nullLoopback,
  loop,
  raw,
  rawIpv4,
  rawIpv6,
  ppp,
  pppHdlc,
  pppWithDirection,
  ciscoHdlc,
  ieee80211,
  radiotap,
  prism,
  avs,
  pflog,
  enc,
  nflog,
  ppi,
  pktap,
];

const LARGEST_LINK_TYPE = 511;

const linkTypes = new Map<number, LinkLayer>();
const byEtherType = new Map<number, LinkLayer>();

for (const layer of LINK_LAYERS) {
  for (const dlt of layer.dlt) register(linkTypes, dlt, layer);
  for (const etherType of layer.etherTypes ?? []) register(byEtherType, etherType, layer);
}

/** As an array, since it is looked up for every packet. */
const byLinkType = Array.from({ length: LARGEST_LINK_TYPE + 1 }, (_, dlt) => linkTypes.get(dlt));

/** The layer that frames with this LINKTYPE_ value begin with. */
export function findLink(dlt: number): LinkLayer | undefined {
  return byLinkType[dlt];
}

/** The layer that follows this EtherType. */
export function findByEtherType(etherType: number): LinkLayer | undefined {
  return byEtherType.get(etherType);
}
