/** Who captures. */
export type SourceName = 'tcpdump' | 'dumpcap' | 'cap' | 'stdin';

/** What to capture, and how. */
export interface SourceRequest {
  /** Name of an interface ("eth0", "any"). */
  interface: string;
  /** A BPF filter (pcap-filter(7)); empty: everything. */
  filter: string;
  /** Bytes kept of each packet. */
  snaplen: number;
  /** The kernel's buffer, KiB. */
  buffer: number;
}

/** What a source has counted so far, in packets; null where it does not say. */
export interface SourceCounters {
  /** Seen by the kernel that passed the filter, those dropped included. */
  received: number | null;
  /** Of these, given to the source by the kernel. */
  captured: number | null;
  kernelDrops: number | null;
  interfaceDrops: number | null;
}

/**
 * Where a live audit's packets come from: a stream of pcap or pcapng bytes, and what was lost before it. An implementation opens
 * the capture first (an `OpenSource` fails when it may not, or cannot, listen) and then pours.
 */
export interface LiveSource {
  readonly name: SourceName;
  /** Whose clock stamps the packets: the kernel's on receipt, or ours on delivery, which lags by as much as the machine is busy. */
  readonly clock: 'kernel' | 'delivery';
  readonly counters: SourceCounters;
  /** Why it ended although nobody stopped it, one phrase; null before, and when it ended as it should. */
  readonly failure: string | null;
  /** Gives every chunk to `take` until the source ends. Chunks are lent. Call it once. */
  pour(take: (chunk: Uint8Array) => void): Promise<void>;
  /** Asks for fresh counters, where a source tells them when asked; they come later. */
  refresh(): void;
  /** Ends the capture, once what had come is poured: `pour` returns within a second or two. May be called again. */
  stop(): void;
  /** Ends it at once. */
  kill(): void;
}

/** Why a capture cannot begin. */
export type Refusal =
  /** The program or package is not there. */
  | 'missing'
  /** It may not capture. */
  | 'denied'
  /** There is no such interface. */
  | 'interface'
  /** The filter is wrong. */
  | 'filter'
  | 'other';

/** A capture cannot begin. `message` is one line: what, where, and how to mend it. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly refusal: Refusal;

  constructor(refusal: Refusal, message: string, options?: ErrorOptions) {
    super(message, options);
    this.refusal = refusal;
  }
}

/** Begins a capture. Throws `SourceError`. */
export type OpenSource = (request: SourceRequest) => Promise<LiveSource>;
