import { setImmediate } from 'node:timers/promises';
import type { Damage } from '../../core/index.ts';
import { ByteStream, EndOfBytes } from './byte-stream.ts';
import { CorruptStream, HEAD_LENGTH } from './codecs/codec.ts';
import type { Codec } from './codecs/codec.ts';
import { recogniseCodec } from './decompress.ts';
import { readFileChunks } from './file.ts';
import type { OnProgress, Room } from './file.ts';
import { readStdinChunks, STDIN } from './stdin.ts';

/** How long reading may block the event loop, in milliseconds. */
const TURN_MS = 100;

/**
 * Opens a file, a pipe or standard input (`-`) and recognises its compression. `onProgress` counts compressed bytes; `room` gives memory
 * to read a file into. Throws `InputError` if it cannot be read.
 */
export async function openSource(name: string, onProgress?: OnProgress, room?: Room): Promise<Source> {
  const chunks = name === STDIN ? readStdinChunks(onProgress) : readFileChunks(name, onProgress, room);
  const stream = new ByteStream(chunks);
  try {
    const codec = recogniseCodec(await stream.peek(HEAD_LENGTH));
    return new Source(name, stream, codec, codec === null && Symbol.iterator in chunks ? chunks : null);
  } catch (error) {
    await stream.close();
    throw error;
  }
}

/** One input: its compression, its decompressed content and, once that has been read, whether it was damaged. */
export class Source {
  /** The path, or `-`. */
  readonly name: string;
  /** "gzip", "zstd", "lz4", "xz", or null. */
  readonly compression: string | null;
  /** Set if the compressed content turns out to be cut or corrupt. The offset counts decompressed bytes. */
  damage: Damage | null = null;
  readonly #stream: ByteStream;
  readonly #codec: Codec | null;
  readonly #waitless: Iterable<Uint8Array> | null;

  /** `waitless`: the rest of `stream` without waiting, if that is possible. */
  constructor(name: string, stream: ByteStream, codec: Codec | null, waitless: Iterable<Uint8Array> | null) {
    this.name = name;
    this.compression = codec?.name ?? null;
    this.#stream = stream;
    this.#codec = codec;
    this.#waitless = waitless;
  }

  /** Passes the content to `push`, chunk by chunk. Plain files are read synchronously, with a turn for the event loop now and then. */
  async pour(push: (chunk: Uint8Array) => void): Promise<void> {
    const plain = this.plainChunks();
    if (plain === null) {
      for await (const chunk of this.chunks()) {
        push(chunk);
      }
      return;
    }
    let turn = performance.now();
    for (const chunk of plain) {
      push(chunk);
      if (performance.now() - turn > TURN_MS) {
        await setImmediate();
        turn = performance.now();
      }
    }
  }

  /** The content of a plain file or pipe for a synchronous loop; null if only `chunks` can give it. Use one of the two, once. */
  plainChunks(): Iterable<Uint8Array> | null {
    return this.#waitless === null ? null : concatenated(this.#stream.takeHeld(), this.#waitless);
  }

  /** The content. Damage ends it, and sets `damage`. */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    let given = 0;
    try {
      for await (const chunk of this.#codec === null ? uncompressed(this.#stream) : this.#codec.decode(this.#stream)) {
        given += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (error instanceof EndOfBytes) {
        this.damage = { offset: given, reason: `the ${this.compression} data end early` };
      } else if (error instanceof CorruptStream) {
        this.damage = { offset: given, reason: `the ${this.compression} data are corrupt: ${error.message}` };
      } else {
        throw error;
      }
    } finally {
      await this.#stream.close();
    }
  }

  /** Releases the file, if the content has not been read to its end. */
  async close(): Promise<void> {
    await this.#stream.close();
  }
}

function* concatenated(first: Uint8Array, rest: Iterable<Uint8Array>): Generator<Uint8Array, void, undefined> {
  if (first.length > 0) {
    yield first;
  }
  yield* rest;
}

async function* uncompressed(stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  for (let chunk = await stream.readSome(Infinity); chunk.length > 0; chunk = await stream.readSome(Infinity)) {
    yield chunk;
  }
}
