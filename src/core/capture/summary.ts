/** Where and how an input is damaged. Everything before `offset` was read. */
export interface Damage {
  /** Where the damage begins: a byte offset in the (decompressed) input. */
  offset: number;
  /** What is wrong, for a person to read: "record of 4294967295 bytes, the limit is 262144". */
  reason: string;
}

/** What one input file turned out to be, for the report's `capture.files`. */
export interface CaptureFile {
  name: string;
  /** "pcap", "pcap-nanosecond", "pcap-modified", "pcapng" …; "empty" for a file of no bytes among others. */
  format: string;
  /** "gzip", "zstd", "lz4", "xz", or null. */
  compression: string | null;
  /** Names of the link types, in order of appearance ("ETHERNET", "LINUX_SLL2", "LINKTYPE 147"). */
  link_types: string[];
  /** Largest snapshot length stated; 0 if there is none. */
  snaplen: number;
  packets: number;
  /** Bytes of the (decompressed) input. */
  bytes: number;
  /** False when the input ends early or is damaged. */
  complete: boolean;
  damage: Damage | null;
}

/** Losses according to the capture itself (pcapng interface statistics) or its live source; -1 if unknown. */
export interface CaptureCounters {
  /** Packets the kernel dropped because the capturing program was too slow (isb_osdrop, pcap ps_drop). */
  kernelDrops: number;
  /** Packets the interface dropped (isb_ifdrop, pcap ps_ifdrop). */
  interfaceDrops: number;
}
