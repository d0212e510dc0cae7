import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { orderByFirstPacket } from '../../../src/node/sources/first-packet.ts';
import { InputError } from '../../../src/node/sources/input-error.ts';
import { openSource } from '../../../src/node/sources/source.ts';
import { filler, join, pcap } from '../../support/pcap-writer.ts';
import { CONTENT, LZ4_LINKED, XZ, ZSTD } from './compressed.ts';
import { temporaryFolder } from './temporary.ts';

const LARGE = filler(2_500_000);

describe('an input', () => {
  const folder = temporaryFolder();

  async function failure(action: () => Promise<unknown>): Promise<string> {
    const error: unknown = await action().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(InputError);
    return error instanceof InputError ? error.message : '';
  }

  it('gives a plain file in a loop without waiting, and tells its progress', async () => {
    const progress: number[][] = [];
    const source = await openSource(folder.write('large', LARGE), (read, size) => progress.push([read, size]));
    const chunks = Array.from(source.plainChunks() ?? [], (chunk) => chunk.slice());
    expect(Buffer.compare(join(...chunks), LARGE)).to.equal(0);
    expect(progress).to.have.length(20);
    expect(progress[0]).to.deep.equal([1 << 17, 2_500_000]);
    expect(progress.at(-1)).to.deep.equal([2_500_000, 2_500_000]);
    expect(source).to.include({ compression: null, damage: null });
  });

  it('gives the same chunk by chunk', async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await openSource(folder.write('large', LARGE))).chunks()) {
      chunks.push(chunk.slice());
    }
    expect(Buffer.compare(join(...chunks), LARGE)).to.equal(0);
  });

  it('counts compressed bytes as progress', async () => {
    const packed = gzipSync(LARGE);
    let last: number[] = [];
    const source = await openSource(folder.write('large.gz', packed), (...now) => (last = now));
    expect(source.plainChunks()).to.equal(null);
    await source.pour(() => undefined);
    expect(last).to.deep.equal([packed.length, packed.length]);
  });

  it('may be empty', async () => {
    const source = await openSource(folder.write('empty', new Uint8Array(0)));
    const lengths: number[] = [];
    await source.pour((chunk) => lengths.push(chunk.length));
    expect(lengths).to.deep.equal([]);
  });

  it('that is missing, or a directory, is refused in one line that names it', async () => {
    const missing = `${folder.path}/missing.pcap`;
    expect(await failure(() => openSource(missing))).to.equal(`${missing}: no such file; check the name`);
    expect(await failure(() => openSource(folder.path))).to.equal(`${folder.path}: is a directory; name the captures in it`);
  });

  const script = `
    const { openSource } = await import(${JSON.stringify(new URL('../../../src/node/sources/source.js', import.meta.url).href)});
    const source = await openSource('-');
    let bytes = 0;
    await source.pour((chunk) => (bytes += chunk.length));
    console.log(source.name, source.compression, bytes);`;
  const run = (options: object): string => spawnSync(process.execPath, ['--input-type=module', '-e', script], options).stdout.toString().trim();

  it('may be standard input: plain, compressed, empty or closed', () => {
    expect(run({ input: LARGE })).to.equal('- null 2500000');
    expect(run({ input: gzipSync(LARGE) })).to.equal('- gzip 2500000');
    expect(run({ input: '' })).to.equal('- null 0');
    expect(run({ stdio: ['ignore', 'pipe', 'inherit'] })).to.equal('- null 0');
  });
});

describe('several captures', () => {
  const folder = temporaryFolder();
  const capture = (...seconds: number[]): Uint8Array =>
    pcap(seconds.map((second) => ({ time: BigInt(second) * 1_000_000_000n, data: filler(60) })));

  it('are ordered by their first packets, those without one last', async () => {
    const c = folder.write('a.pcap', capture(30, 1));
    const empty = folder.write('b.pcap', capture());
    const a = folder.write('c.pcap.gz', gzipSync(capture(10, 50)));
    const b = folder.write('d.pcap', capture(20));
    const twin = folder.write('e.pcap', capture(20));
    expect(await orderByFirstPacket([c, empty, b, a, twin])).to.deep.equal([a, b, twin, c, empty]);
    expect(await orderByFirstPacket([c, empty, twin, a, b])).to.deep.equal([a, twin, b, c, empty]);
    expect(await orderByFirstPacket([`${folder.path}/unread`])).to.deep.equal([`${folder.path}/unread`]);
  });

  it('may be of any compression, and are read from their beginning afterwards', async () => {
    for (const bytes of [XZ, ZSTD, LZ4_LINKED]) {
      const paths = [folder.write('first', bytes), folder.write('second', bytes)];
      expect(await orderByFirstPacket(paths)).to.deep.equal(paths);
      let length = 0;
      await (await openSource(paths[1])).pour((chunk) => (length += chunk.length));
      expect(length).to.equal(CONTENT.length);
    }
  });

  it('are refused when one is no capture, or cannot be read twice', async () => {
    const good = folder.write('good.pcap', capture(1));
    const text = folder.write('notes.txt', Buffer.from('hello there'));
    for (const [path, words] of [
      [text, `${text}: not a capture but text`], ['-', 'standard input cannot be joined'], ['/dev/null', '/dev/null: is no regular file'],
      [`${folder.path}/missing`, 'missing: no such file'], [folder.path, `${folder.path}: is a directory`],
    ]) {
      const error: unknown = await orderByFirstPacket([good, path]).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(InputError).with.property('message').that.includes(words);
    }
  });
});
