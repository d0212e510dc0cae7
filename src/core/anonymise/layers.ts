/** Memory that headers lie in: a frame's, or that of a datagram whose fragments were joined. */
export interface Memory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** An IP header, with its options or extension headers. */
export interface IpLayer extends Memory {
  kind: 'ip';
  version: 4 | 6;
  at: number;
  /** End of the options, or of the extension headers; what the capture cut is not counted. */
  headerEnd: number;
  /** The transport checksum covers an address, or payload, that is not there. */
  rerouted: boolean;
}

/** Something with a checksum: TCP, UDP, ICMP, or GRE with one. It covers `[at, limit)`, of which `[at, end)` was captured. */
export interface CheckedLayer extends Memory {
  kind: 'tcp' | 'udp' | 'icmp' | 'gre';
  at: number;
  end: number;
  limit: number;
  /** The header around it; GRE's checksum and ICMP's for IPv4 do not cover its addresses. */
  ip: IpLayer;
}

/** MAC addresses in a row. */
export interface MacLayer extends Memory {
  kind: 'macs';
  at: number;
  count: number;
}

/** A Linux cooked header: one address, of up to 8 bytes, with its length before it. */
export interface CookedLayer extends Memory {
  kind: 'cooked';
  /** Where the address field is, and its stated length. */
  at: number;
  length: number;
}

/** The header of a tunnel: `[at, end)`. */
export interface TunnelLayer extends Memory {
  kind: 'tunnel';
  code: number;
  at: number;
  end: number;
}

/** An authentication header within IPv4, `[at, end)`. */
export interface AuthenticationLayer extends Memory {
  kind: 'authentication';
  at: number;
  end: number;
}

export type Layer = IpLayer | CheckedLayer | MacLayer | CookedLayer | TunnelLayer | AuthenticationLayer;

/** Bytes that no header explains, to be wiped out: padding, trailers. */
export interface Rest extends Memory {
  at: number;
  end: number;
}

/** Where the part of a datagram lies that a fragment carries: `bytes[at, end)`, from `offset` on in the datagram. */
export interface FragmentPart {
  at: number;
  end: number;
  offset: number;
}
