/** What synoptic uses of the npm package pcap-parser 0.2.1, which has no types of its own. */
declare module 'pcap-parser' {
  interface GlobalHeader {
    snapshotLength: number;
    linkLayerType: number;
  }

  interface PacketHeader {
    timestampSeconds: number;
    timestampMicroseconds: number;
    capturedLength: number;
    originalLength: number;
  }

  interface Parser {
    on(event: 'globalHeader', listener: (header: GlobalHeader) => void): this;
    on(event: 'packetHeader', listener: (header: PacketHeader) => void): this;
    on(event: 'packet', listener: (packet: { header: PacketHeader; data: Uint8Array }) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
  }

  /** `stream` is paused and resumed, and listened to for `data` (Buffers), `error` and `end`. */
  function parse(stream: import('node:events').EventEmitter & { pause(): void; resume(): void }): Parser;

  const pcapParser: { parse: typeof parse };
  export default pcapParser;
}
