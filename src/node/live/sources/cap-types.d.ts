/** The part of `cap` (0.2.1) that is used; the package has no types of its own. */
declare module 'cap' {
  export class Cap {
    /**
     * Listens in promiscuous mode. `buffer` receives each packet before `packet` is emitted.
     *
     * @returns the link type: "ETHERNET", "NULL", "RAW", "LINKTYPE_LINUX_SLL" or "IEEE802_11_RADIO"; throws libpcap's words
     */
    open(device: string, filter: string, bufferBytes: number, buffer: Buffer): string;
    on(event: 'packet', receive: (length: number, isTruncated: boolean) => void): this;
    close(): void;
  }
}
