/**
 * One captured frame as its file holds it, lent until the next one: the reader refills this one object for every frame, so
 * keeping a reference (to it or to `bytes`) beyond the call that received it is a bug.
 */
export class Record {
  /** Buffer that holds the frame; the frame is `bytes[start, end)`. */
  bytes: Uint8Array = new Uint8Array(0);
  /** View of the same memory as `bytes`, with the same offsets. */
  view: DataView = new DataView(new ArrayBuffer(0));
  start = 0;
  end = 0;
  /** Length of the frame on the wire in bytes; more than `end - start` when the capture's snaplen cut it. */
  wireLength = 0;
  /** Link type, a LINKTYPE_ value of the tcpdump registry. */
  link = 0;
  /** Index of the interface, counted over all sections and files of the input; 0 for classic pcap. */
  interface = 0;
  /** The frame number that Wireshark shows, from 1, counted over all the files given. */
  number = 0;
  /** Nanoseconds since the first frame of the input; negative where the capture's clock went back. */
  time = 0;
}

/** Receives each record, in the order of capture time as far as the reader's reorder window mends it. */
export type RecordSink = (record: Record) => void;

/** Shared by the readers of all the files of one input, so that numbers go on from file to file. */
export class PacketCounter {
  /** The last frame number given. Wireshark numbers pcapng custom blocks, too, so it may exceed the count of records. */
  packets = 0;
  /** Interfaces described so far by pcapng sections. */
  interfaces = 0;
}
