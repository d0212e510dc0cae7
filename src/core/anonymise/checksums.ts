import { fold, LONGEST_SUM, sumWords } from '../wire/checksum.ts';
import type { CheckedLayer, IpLayer } from './layers.ts';

const FIELD = { tcp: 16, udp: 6, icmp: 2, gre: 4 } as const;
const PROTOCOL = { tcp: 6, udp: 17, icmp: 58, gre: 47 } as const;
const IPV4_FIELD = 10;
/** What is added to a right sum to make a wrong one: any number but 0 and 0xffff. */
const ERROR = 0x0101;

/**
 * What a checksum says before anything is changed, to be said again afterwards. ABSENT: 0, which stands for none or was left to the
 * network card. PSEUDO: the pseudo header's sum, which a host leaves for its network card to complete; PSEUDO_SHORT: the same
 * without the length. UNKNOWN: the capture does not hold all that it covers.
 */
export const Verdict = { GOOD: 0, BAD: 1, ABSENT: 2, PSEUDO: 3, PSEUDO_SHORT: 4, UNKNOWN: 5 } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** Where a layer's checksum stands. */
export function fieldOf(layer: CheckedLayer): number {
  return layer.at + FIELD[layer.kind];
}

export function judge(layer: CheckedLayer): Verdict {
  const { view, at, end, limit, kind, ip } = layer;
  const field = fieldOf(layer);
  // ICMP's and GRE's are good where they are good; a quotation's TCP checksum is that of a segment quoted in part.
  if (end < limit || end - at > LONGEST_SUM || field + 2 > end || (ip.rerouted && kind !== 'gre')) return Verdict.UNKNOWN;
  const stated = view.getUint16(field);
  if (stated === 0 && kind !== 'tcp' && kind !== 'icmp') return Verdict.ABSENT;
  const pseudo = sumPseudo(layer);
  if (fold(pseudo + sumWords(view, at, limit)) === 0xffff) return Verdict.GOOD;
  if (kind === 'tcp' || kind === 'udp') {
    if (stated === fold(pseudo)) return Verdict.PSEUDO;
    if (stated === fold(pseudo - (limit - at))) return Verdict.PSEUDO_SHORT;
  }
  return Verdict.BAD;
}

/** Sets a layer's checksum so that it says the same of its new content. Not for UNKNOWN: what that is set to is the caller's to choose. */
export function restore(layer: CheckedLayer, verdict: Verdict): void {
  const { view, at, limit, kind } = layer;
  const field = fieldOf(layer);
  if (verdict === Verdict.ABSENT || verdict === Verdict.UNKNOWN) return;
  const pseudo = sumPseudo(layer);
  if (verdict === Verdict.PSEUDO) return view.setUint16(field, fold(pseudo));
  if (verdict === Verdict.PSEUDO_SHORT) return view.setUint16(field, fold(pseudo - (limit - at)));
  view.setUint16(field, 0);
  const right = 0xffff ^ fold(pseudo + sumWords(view, at, limit));
  const sum = verdict === Verdict.GOOD ? right : fold(right + ERROR);
  // UDP's 0 means none (RFC 768).
  view.setUint16(field, sum === 0 && kind === 'udp' ? 0xffff : sum);
}

export function judgeIpv4({ view, at, headerEnd }: IpLayer): Verdict {
  if (view.getUint16(at + IPV4_FIELD) === 0) return Verdict.ABSENT;
  return fold(sumWords(view, at, headerEnd)) === 0xffff ? Verdict.GOOD : Verdict.BAD;
}

export function restoreIpv4({ view, at, headerEnd }: IpLayer, verdict: Verdict): void {
  if (verdict === Verdict.ABSENT) return;
  view.setUint16(at + IPV4_FIELD, 0);
  const right = 0xffff ^ fold(sumWords(view, at, headerEnd));
  view.setUint16(at + IPV4_FIELD, verdict === Verdict.GOOD ? right : fold(right + ERROR));
}

/** The sum of the pseudo header (RFC 9293 §3.1, RFC 8200 §8.1), unfolded; 0 for what has none. */
function sumPseudo({ kind, ip, at, limit }: CheckedLayer): number {
  if (kind === 'gre' || (kind === 'icmp' && ip.version === 4)) return 0;
  const addresses = ip.version === 4 ? sumWords(ip.view, ip.at + 12, ip.at + 20) : sumWords(ip.view, ip.at + 8, ip.at + 40);
  return addresses + PROTOCOL[kind] + (limit - at);
}
