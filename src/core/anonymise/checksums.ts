import { fold, LONGEST_SUM, sumWords } from '../wire/checksum.ts';
import type { CheckedLayer, IpLayer } from './layers.ts';

const FIELD = { tcp: 16, udp: 6, icmp: 2, gre: 4 } as const;
const PROTOCOL = { tcp: 6, udp: 17, icmp: 58, gre: 47 } as const;
const IPV4_FIELD = 10;
/** One's complement sums count modulo this. */
const MODULUS = 0xffff;

/**
 * What a checksum says about the frame as captured: it is to say the same about the anonymised one. ABSENT: 0, which means none, or that
 * it is left to the network card. PSEUDO: the sum of the pseudo header, for the network card to complete; PSEUDO_SHORT: the same without
 * the length. UNKNOWN: not all that it covers was captured.
 */
export const Verdict = { GOOD: 0, BAD: 1, ABSENT: 2, PSEUDO: 3, PSEUDO_SHORT: 4, UNKNOWN: 5 } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** A verdict and, for BAD, by how much the checksum is off: 1 to 0xfffe. */
export interface Judgement {
  verdict: Verdict;
  error: number;
}

const ABSENT: Judgement = { verdict: Verdict.ABSENT, error: 0 };
const UNKNOWN: Judgement = { verdict: Verdict.UNKNOWN, error: 0 };
const PSEUDO: Judgement = { verdict: Verdict.PSEUDO, error: 0 };
const PSEUDO_SHORT: Judgement = { verdict: Verdict.PSEUDO_SHORT, error: 0 };

/** Position of a layer's checksum. */
export function fieldOf(layer: CheckedLayer): number {
  return layer.at + FIELD[layer.kind];
}

/** For what has no checksum. */
export function withoutChecksum(): Judgement {
  return ABSENT;
}

export function judge(layer: CheckedLayer): Judgement {
  const { view, at, end, limit, kind, ip } = layer;
  const field = fieldOf(layer);
  // The checksum of GRE does not cover addresses, so a source route around it does not matter.
  if (end < limit || end - at > LONGEST_SUM || field + 2 > end || (ip.rerouted && kind !== 'gre')) return UNKNOWN;
  const stated = view.getUint16(field);
  if (stated === 0 && kind !== 'tcp' && kind !== 'icmp') return ABSENT;
  const pseudo = sumPseudo(layer);
  const judgement = judgementOf(pseudo + sumWords(view, at, limit));
  if (judgement.verdict === Verdict.BAD && (kind === 'tcp' || kind === 'udp')) {
    if (stated === fold(pseudo)) return PSEUDO;
    if (stated === fold(pseudo - (limit - at))) return PSEUDO_SHORT;
  }
  return judgement;
}

function judgementOf(sum: number): Judgement {
  const error = fold(sum) % MODULUS;
  return { verdict: error === 0 ? Verdict.GOOD : Verdict.BAD, error };
}

/**
 * Sets the checksum of a layer so that it says the same about the new content. Does nothing for UNKNOWN.
 *
 * @param factor multiplies the error of a wrong checksum; must be coprime to 0xffff
 */
export function restore(layer: CheckedLayer, { verdict, error }: Judgement, factor: number): void {
  const { view, at, limit, kind } = layer;
  const field = fieldOf(layer);
  if (verdict === Verdict.ABSENT || verdict === Verdict.UNKNOWN) return;
  const pseudo = sumPseudo(layer);
  if (verdict === Verdict.PSEUDO) return view.setUint16(field, fold(pseudo));
  if (verdict === Verdict.PSEUDO_SHORT) return view.setUint16(field, fold(pseudo - (limit - at)));
  view.setUint16(field, 0);
  const right = 0xffff ^ fold(pseudo + sumWords(view, at, limit));
  const sum = fold(right + ((error * factor) % MODULUS));
  // UDP's 0 means none (RFC 768).
  view.setUint16(field, sum === 0 && kind === 'udp' ? 0xffff : sum);
}

export function judgeIpv4({ view, at, headerEnd }: IpLayer): Judgement {
  return view.getUint16(at + IPV4_FIELD) === 0 ? ABSENT : judgementOf(sumWords(view, at, headerEnd));
}

export function restoreIpv4({ view, at, headerEnd }: IpLayer, { verdict, error }: Judgement, factor: number): void {
  if (verdict === Verdict.ABSENT) return;
  view.setUint16(at + IPV4_FIELD, 0);
  const right = 0xffff ^ fold(sumWords(view, at, headerEnd));
  view.setUint16(at + IPV4_FIELD, fold(right + ((error * factor) % MODULUS)));
}

/** The sum of the pseudo header (RFC 9293 §3.1, RFC 8200 §8.1), not folded; 0 for layers without one. */
function sumPseudo({ kind, ip, at, limit }: CheckedLayer): number {
  if (kind === 'gre' || (kind === 'icmp' && ip.version === 4)) return 0;
  const addresses = ip.version === 4 ? sumWords(ip.view, ip.at + 12, ip.at + 20) : sumWords(ip.view, ip.at + 8, ip.at + 40);
  return addresses + PROTOCOL[kind] + (limit - at);
}
