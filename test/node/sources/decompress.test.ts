import { expect } from 'chai';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { ByteStream, EndOfBytes } from '../../../src/node/sources/byte-stream.ts';
import { blockOutput } from '../../../src/node/sources/codecs/lz4-block.ts';
import { InputError } from '../../../src/node/sources/input-error.ts';
import { openSource } from '../../../src/node/sources/source.ts';
import { filler, join } from '../../support/pcap-writer.ts';
import { CONTENT, LZ4_CHECKED, LZ4_LINKED, XZ, ZSTD } from './compressed.ts';
import { temporaryFolder } from './temporary.ts';

const GZIP = Uint8Array.from(gzipSync(CONTENT));
const SKIPPABLE = Uint8Array.of(0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5);
const TWICE = join(CONTENT, CONTENT);

/**
 * Compressed content, and how many bytes of CONTENT can be read where its last 40 bytes are missing: the whole blocks of zstd (128 KiB) and
 * of lz4 (64 KiB, 256 KiB), of the others nearly all.
 */
const SAMPLES: readonly (readonly [name: string, compression: string, bytes: Uint8Array, readable: number])[] = [
  ['gzip', 'gzip', GZIP, 200_000],
  ['zstd', 'zstd', ZSTD, 131_072],
  ['lz4 with linked blocks', 'lz4', LZ4_LINKED, 196_608],
  ['lz4 with block checksums', 'lz4', LZ4_CHECKED, 0],
  ['xz', 'xz', XZ, 200_000],
];

/** XXH32 by another library than the one that verifies it. */
const xxh32 = createRequire(import.meta.url)('lz4js/xxh32.js') as { hash(seed: number, bytes: Uint8Array, start: number, length: number): number };

/** As it stands at the end of an lz4 frame. */
function checksumOf(content: Uint8Array): Uint8Array {
  return new Uint8Array(Uint32Array.of(xxh32.hash(0, content, 0, content.length)).buffer);
}

describe('decompression', () => {
  const folder = temporaryFolder();

  async function read(bytes: Uint8Array): Promise<{ compression: string | null; content: Uint8Array; offset: number | null; reason: string }> {
    const source = await openSource(folder.write('input', bytes));
    const chunks: Uint8Array[] = [];
    await source.pour((chunk) => chunks.push(chunk.slice()));
    const { compression, damage } = source;
    return { compression, content: join(...chunks), offset: damage?.offset ?? null, reason: damage?.reason ?? '' };
  }

  async function refusal(bytes: Uint8Array): Promise<unknown> {
    return openSource(folder.write('input', bytes)).then(
      () => null,
      (error: unknown) => error,
    );
  }

  for (const [name, compression, bytes, readable] of SAMPLES) {
    it(`reads ${name}, recognised by its content`, async () => {
      const result = await read(bytes);
      expect(result).to.include({ compression, offset: null });
      expect(Buffer.compare(result.content, CONTENT)).to.equal(0);
    });

    it(`reads ${name} joined to itself`, async () => {
      const result = await read(join(bytes, bytes));
      expect(result.offset).to.equal(null);
      expect(Buffer.compare(result.content, TWICE)).to.equal(0);
    });

    it(`gives what can be read of ${name} cut anywhere, and says where it ends`, async () => {
      expect((await read(bytes.slice(0, -40))).content.length).to.be.at.least(readable);
      for (let length = bytes.length - 1; length >= 8; length -= Math.ceil(bytes.length / 23)) {
        const { content, offset, reason } = await read(bytes.slice(0, length));
        expect(offset, `cut at ${length}`).to.equal(content.length);
        expect(reason).to.equal(`the ${compression} data end early`);
        expect(Buffer.compare(content, CONTENT.subarray(0, content.length))).to.equal(0);
      }
    });

    it(`never throws on ${name} with a changed byte`, async () => {
      for (let position = 8; position < bytes.length; position += Math.ceil(bytes.length / 41)) {
        const changed = bytes.slice();
        changed[position] ^= 0x55;
        const { content, offset } = await read(changed);
        expect(offset ?? content.length).to.equal(content.length);
        expect(content.length).to.be.lessThan(5 << 20);
      }
    });
  }

  it('gives almost all of a long gzip file that is cut', async () => {
    const packed = gzipSync(TWICE, { level: 0 });
    expect((await read(packed.subarray(0, 300_000))).content.length).to.be.greaterThan(299_000);
  });

  it('gives what comes before a wrong checksum', async () => {
    const changed = GZIP.slice();
    changed[GZIP.length - 6] ^= 1;
    const { content, offset, reason } = await read(changed);
    expect(offset).to.equal(content.length);
    expect(content.length).to.be.greaterThan(100_000);
    expect(reason).to.equal('the gzip data are corrupt: incorrect data check');
  });

  it('notices a changed byte in checked lz4 blocks', async () => {
    const changed = LZ4_CHECKED.slice();
    changed[LZ4_CHECKED.length >> 1] ^= 1;
    expect(await read(changed)).to.deep.include({ offset: 0, reason: 'the lz4 data are corrupt: lz4 block with a wrong checksum' });
  });

  it('notices lz4 content that its checksum does not fit', async () => {
    const changed = LZ4_LINKED.slice();
    changed[LZ4_LINKED.length - 1] ^= 1;
    const { content, offset, reason } = await read(changed);
    expect([content.length, offset]).to.deep.equal([CONTENT.length, CONTENT.length]);
    expect(reason).to.equal('the lz4 data are corrupt: lz4 content with a wrong checksum: the damage lies somewhere before');
  });

  it('passes over skippable frames', async () => {
    for (const bytes of [ZSTD, LZ4_LINKED]) {
      const result = await read(join(bytes, SKIPPABLE, bytes, SKIPPABLE));
      expect(result.offset).to.equal(null);
      expect(Buffer.compare(result.content, TWICE)).to.equal(0);
    }
  });

  it('reads stored lz4 blocks', async () => {
    const content = Uint8Array.of(7, 8, 9);
    const frame = join(LZ4_LINKED.subarray(0, 7), Uint8Array.of(3, 0, 0, 0x80), content, Uint8Array.of(0, 0, 0, 0), checksumOf(content));
    expect(await read(frame)).to.deep.include({ content, offset: null });
  });

  it('reads lz4 matches that reach back 65,535 bytes into the block before', async () => {
    const first = filler(65_536).map((byte, index) => byte ^ (index >> 8));
    const second = Uint8Array.of(0x14, 9, 0xff, 0xff, 0x10, 7);
    const expected = Uint8Array.of(...first, 9, ...first.subarray(2, 10), 7);
    const frame = join(
      LZ4_LINKED.subarray(0, 7), Uint8Array.of(0, 0, 1, 0x80), first, Uint8Array.of(6, 0, 0, 0), second, new Uint8Array(4), checksumOf(expected),
    );
    const { content, offset } = await read(frame);
    expect(offset).to.equal(null);
    expect([...content.subarray(65_536)]).to.deep.equal([...expected.subarray(65_536)]);
  });

  it('says what follows a frame that is none', async () => {
    expect((await read(join(ZSTD, CONTENT.subarray(0, 100)))).reason).to.equal('the zstd data are corrupt: no zstd frame follows the last one');
    expect((await read(join(LZ4_LINKED, CONTENT.subarray(0, 100)))).reason).to.match(/no lz4 frame follows/);
  });

  it('refuses a zstd window that is out of all proportion before allocating it', async () => {
    const hostile = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    expect((await read(hostile)).reason).to.match(/window of 1073741824 bytes, the limit is 134217728$/);
  });

  it('refuses what it cannot read with the command that mends it', async () => {
    const legacy = await refusal(Uint8Array.of(0x02, 0x21, 0x4c, 0x18, 0, 0, 0, 0));
    expect(legacy).to.be.instanceOf(InputError).with.property('message').that.matches(/legacy.*lz4 -dc/);
    const sha256 = XZ.slice();
    sha256[7] = 10;
    expect(await refusal(sha256)).to.be.instanceOf(InputError).with.property('message').that.matches(/SHA-256.*xz -dc/);
  });
});

describe('the length of an lz4 block', () => {
  const length = (...bytes: number[]): number => blockOutput(Uint8Array.from(bytes), bytes.length, 10, 1000);

  it('is that of its literals and matches', () => {
    expect(length(0x30, 1, 2, 3)).to.equal(3);
    expect(length(0x14, 9, 1, 0, 0x10, 7)).to.equal(1 + 8 + 1);
    expect(length(0x1f, 9, 1, 0, 255, 3, 0x10, 7)).to.equal(1 + 15 + 255 + 3 + 4 + 1);
  });

  it('is refused where the block reaches beyond its input, its history or its limit', () => {
    expect(length(0x40, 1, 2, 3)).to.equal(-1);
    expect(length(0xf0, 255, 255)).to.equal(-1);
    expect(length(0x14, 9, 1)).to.equal(-1);
    expect(length(0x14, 9, 0, 0, 0x10, 7)).to.equal(-1);
    expect(length(0x14, 9, 12, 0, 0x10, 7)).to.equal(-1);
    expect(length(0x14, 9, 11, 0, 0x10, 7)).to.equal(10);
    expect(length(0x1f, 9, 1, 0, 255, 255, 255, 255, 0, 0x10, 7)).to.equal(-1);
    expect(length(0x14, 9, 1, 0)).to.equal(-1);
  });
});

describe('bytes read by counts', () => {
  it('are the same however the chunks come, even when each overwrites the last', async () => {
    function* lent(): Generator<Uint8Array> {
      const buffer = new Uint8Array(3);
      for (let first = 0; first < 12; first += 3) {
        buffer.set([first, first + 1, first + 2]);
        yield buffer;
      }
    }
    const stream = new ByteStream(lent());
    expect([...(await stream.peek(4))]).to.deep.equal([0, 1, 2, 3]);
    expect([...(await stream.read(5))]).to.deep.equal([0, 1, 2, 3, 4]);
    expect([...(await stream.readSome(9))]).to.deep.equal([5]);
    await stream.skip(4);
    expect([...(await stream.peek(9))]).to.deep.equal([10, 11]);
    const error: unknown = await stream.read(3).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(EndOfBytes);
  });
});
