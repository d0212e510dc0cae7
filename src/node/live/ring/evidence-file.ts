import { createWriteStream, renameSync, rmSync, type WriteStream } from 'node:fs';
import { PcapngWriter, type Record, VERSION } from '../../../core/index.ts';
import { errorMessage } from '../../error-message.ts';

/** How an evidence file ended. */
export interface EvidenceOutcome {
  path: string;
  packets: number;
  bytes: number;
  /** It reached its limit: the last packets are missing. */
  isCut: boolean;
  /** Why there is no file; null if there is one. */
  error: string | null;
}

const PARTIAL = '.partial';

/**
 * A pcapng file of at most `limit` bytes, to which packets are added as they come. It is written asynchronously, so that the capture is not
 * held up, and gets its name when it is complete.
 */
export class EvidenceFile {
  readonly #path: string;
  readonly #limit: number;
  readonly #stream: WriteStream;
  readonly #writer: PcapngWriter;
  readonly #interfaces = new Map<number, number>();
  #packets = 0;
  #isCut = false;
  #error: string | null = null;
  readonly #done: Promise<void>;

  constructor(path: string, limit: number, comment: string) {
    this.#path = path;
    this.#limit = limit;
    this.#stream = createWriteStream(path + PARTIAL, { flags: 'wx', mode: 0o600 });
    this.#done = new Promise((resolve) => {
      this.#stream.on('error', (error) => {
        this.#error = errorMessage(error);
        resolve();
      });
      this.#stream.on('close', resolve);
    });
    this.#writer = new PcapngWriter((bytes) => this.#stream.write(bytes.slice()), { application: `synoptic ${VERSION}`, comment });
  }

  /** Bytes of the file so far. */
  get length(): number {
    return this.#writer.length;
  }

  get isFull(): boolean {
    return this.#isCut || this.#error !== null;
  }

  /** Adds a packet. `time`: nanoseconds since the epoch. */
  add(record: Record, time: bigint, comments: readonly string[] | undefined): void {
    if (this.isFull) return;
    if (this.#writer.length + record.end - record.start > this.#limit) {
      this.#isCut = true;
      return;
    }
    this.#writer.packet(this.#describe(record), time, record, comments);
    this.#packets++;
  }

  /** Ends the file. When the promise resolves, it has its name. */
  async finish(): Promise<EvidenceOutcome> {
    this.#writer.flush();
    this.#stream.end();
    await this.#done;
    try {
      if (this.#error === null) renameSync(this.#path + PARTIAL, this.#path);
      else rmSync(this.#path + PARTIAL, { force: true });
    } catch (error) {
      this.#error = errorMessage(error);
    }
    return { path: this.#path, packets: this.#packets, bytes: this.#writer.length, isCut: this.#isCut, error: this.#error };
  }

  #describe({ link, interface: index }: Record): number {
    const key = index * 0x10000 + link;
    const known = this.#interfaces.get(key) ?? this.#writer.describe(link, 0);
    this.#interfaces.set(key, known);
    return known;
  }
}
