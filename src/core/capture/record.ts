/**
 * One captured frame as the file holds it. It is lent until the next one: readers refill the same object for every frame. Do not keep
 * it, or its `bytes`, beyond the call that receives it.
 */
export class Record {
  /** The buffer that holds the frame, which is `bytes[start, end)`. */
  bytes: Uint8Array = new Uint8Array(0);
  /** View of the same memory as `bytes`, with the same offsets. */
  view: DataView = new DataView(new ArrayBuffer(0));
  start = 0;
  end = 0;
  /** Length of the frame on the wire in bytes; more than `end - start` where the snapshot length cut it. */
  wireLength = 0;
  /** Link type, a LINKTYPE_ value of the tcpdump registry. */
  link = 0;
  /** Index of the interface, counted over all sections and files of the input; 0 for classic pcap. */
  interface = 0;
  /** The frame number as Wireshark counts: from 1, over all files. */
  number = 0;
  /** Nanoseconds since the first frame of the input; negative if the capture's clock was set back. */
  time = 0;
}

/** Receives each record, in order of capture time as far as the reorder window can restore it. */
export type RecordSink = (record: Record) => void;

/** Shared by the readers of several files, so that numbering continues from one to the next. */
export class PacketCounter {
  /** The last frame number given. It may exceed the number of records, since Wireshark numbers some other blocks of pcapng, too. */
  packets = 0;
  /** Interfaces described so far in pcapng files. */
  interfaces = 0;
}
