import type { Damage } from '../../core/index.ts';
import { ByteStream, EndOfBytes } from './byte-stream.ts';
import { CorruptStream, HEAD_LENGTH } from './codecs/codec.ts';
import type { Codec } from './codecs/codec.ts';
import { recogniseCodec } from './decompress.ts';
import { FileChunks } from './file.ts';
import type { Lend, Progress } from './file.ts';
import { readStdinChunks, STDIN } from './stdin.ts';

/**
 * Opens a file, a pipe or standard input (`-`) and finds out how it is compressed. Throws `InputError` when it cannot be read.
 * `onProgress` is told of compressed bytes.
 */
export async function openSource(name: string, onProgress?: Progress): Promise<Source> {
  const chunks = name === STDIN ? readStdinChunks(onProgress) : new FileChunks(name, onProgress);
  const stream = new ByteStream(chunks);
  try {
    const codec = recogniseCodec(await stream.peek(HEAD_LENGTH));
    return new Source(name, stream, codec, codec === null && chunks instanceof FileChunks ? chunks : null);
  } catch (error) {
    await stream.close();
    throw error;
  }
}

/** The decompressed content of a file or of standard input (`-`). Every chunk is lent until the next one. */
export async function* chunksOf(name: string, onProgress?: Progress): AsyncGenerator<Uint8Array, void, undefined> {
  yield* (await openSource(name, onProgress)).chunks();
}

/** One input: how it is compressed, its decompressed content, and, once that was read, whether it ended damaged. */
export class Source {
  /** The path, or `-`. */
  readonly name: string;
  /** "gzip", "zstd", "lz4", "xz", or null. */
  readonly compression: string | null;
  /** Set when the compressed content turned out to be cut or corrupt; its offset counts decompressed bytes. */
  damage: Damage | null = null;
  private readonly stream: ByteStream;
  private readonly codec: Codec | null;
  private readonly plainFile: FileChunks | null;

  /** `plainFile`: what `stream` reads, where that is a file which is not compressed. */
  constructor(name: string, stream: ByteStream, codec: Codec | null, plainFile: FileChunks | null) {
    this.name = name;
    this.compression = codec?.name ?? null;
    this.stream = stream;
    this.codec = codec;
    this.plainFile = plainFile;
  }

  /** Gives all content to `push`, chunk by chunk; `lend` may give memory to read a file into that is not compressed. */
  async pour(push: (chunk: Uint8Array) => void, lend?: Lend): Promise<void> {
    if (this.plainFile === null) {
      for await (const chunk of this.chunks()) push(chunk);
      return;
    }
    const held = this.stream.takeHeld();
    if (held.length > 0) push(held);
    await this.plainFile.pour(push, lend);
  }

  /** The content. Damage ends it and is told by `damage`. */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    let given = 0;
    try {
      for await (const chunk of this.codec === null ? uncompressed(this.stream) : this.codec.decode(this.stream)) {
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
      await this.stream.close();
    }
  }

  /** Releases the file when the content is not to be read (to its end). */
  async close(): Promise<void> {
    await this.stream.close();
  }
}

async function* uncompressed(stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  for (let chunk = await stream.readSome(Infinity); chunk.length > 0; chunk = await stream.readSome(Infinity)) {
    yield chunk;
  }
}
