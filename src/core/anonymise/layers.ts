/** The memory that a header is in: a frame, or a datagram whose fragments were joined. */
export interface Memory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** An IP header, with its options or extension headers. */
export interface IpLayer extends Memory {
  kind: 'ip';
  version: 4 | 6;
  at: number;
  /** End of the options or extension headers. */
  headerEnd: number;
  /** The transport checksum cannot be verified: it covers another address, or payload that is not there. */
  rerouted: boolean;
}

/** A layer with a checksum, which covers `[at, limit)`; `[at, end)` was captured. */
export interface CheckedLayer extends Memory {
  kind: 'tcp' | 'udp' | 'icmp' | 'gre';
  at: number;
  end: number;
  limit: number;
  /** The IP header around it. The checksums of GRE and of ICMP for IPv4 do not cover its addresses. */
  ip: IpLayer;
}

/** MAC addresses in a row. */
export interface MacLayer extends Memory {
  kind: 'macs';
  at: number;
  count: number;
}

/** A Linux cooked header with one address of up to 8 bytes. */
export interface CookedLayer extends Memory {
  kind: 'cooked';
  /** Position of the address field, and the length that the header states. */
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

/** Bytes that belong to no header and are to be wiped: padding, trailers. */
export interface Rest extends Memory {
  at: number;
  end: number;
}

/** The data of a fragment: `bytes[at, end)`, which begin at `offset` of the datagram. */
export interface FragmentPart {
  at: number;
  end: number;
  offset: number;
}
