/** Who captures. */
export type SourceName = 'tcpdump' | 'dumpcap' | 'cap' | 'stdin';

/** What to capture, and how. */
export interface SourceRequest {
  /** Name of an interface ("eth0", "any"). */
  interface: string;
  /** A BPF filter (pcap-filter(7)); empty: everything. */
  filter: string;
  /** Bytes captured of each packet. */
  snaplen: number;
  /** The kernel's buffer in KiB. */
  buffer: number;
}

/** What a source has counted so far, in packets; null if it does not tell. */
export interface SourceCounters {
  /** Packets that passed the filter, including dropped ones. */
  received: number | null;
  /** Packets that the kernel has handed to the source. */
  captured: number | null;
  kernelDrops: number | null;
  interfaceDrops: number | null;
}

/**
 * Where the packets of a live audit come from: a stream of pcap or pcapng bytes, with counts of what was lost before it. `OpenSource` begins
 * the capture and fails if it cannot, or may not, listen; then the source pours.
 */
export interface LiveSource {
  readonly name: SourceName;
  /** Which clock stamps the packets: the kernel's on arrival, or ours on delivery, which is late when the machine is busy. */
  readonly clock: 'kernel' | 'delivery';
  readonly counters: SourceCounters;
  /** Why it ended although nobody stopped it, in a phrase; null before that, and if it ended as it should. */
  readonly failure: string | null;
  /** Passes every chunk to `take` until the source ends. Chunks are lent. Call it once. */
  pour(take: (chunk: Uint8Array) => void): Promise<void>;
  /** Asks for current counters, if the source tells them on request. They arrive later. */
  refresh(): void;
  /** Ends the capture after everything that has come is poured: `pour` returns within a second or two. May be called again. */
  stop(): void;
  /** Ends the capture at once. */
  kill(): void;
}

/** Why a capture cannot begin. */
export type Refusal =
  /** The program or package is not installed. */
  | 'missing'
  /** It has no permission to capture. */
  | 'denied'
  /** There is no such interface. */
  | 'interface'
  /** The filter is wrong. */
  | 'filter'
  | 'other';

/** A capture cannot begin. `message` is one line: what is wrong, where, and the remedy. */
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
