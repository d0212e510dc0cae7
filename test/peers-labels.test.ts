import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Pages {
  renderLabels: (comparison: unknown) => string;
  unexplained: (comparison: unknown) => unknown[];
}

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, ROOT)), 'utf8');

describe('docs/peers.md: labels of packets', () => {
  const data: unknown = JSON.parse(read('docs/peers/labels.json'));

  it('has what docs/peers/labels.json has (node tools/peers-labels.js)', async () => {
    const { renderLabels } = (await import(new URL('tools/labels-page.js', ROOT).href)) as Pages;
    expect(read('docs/peers.md')).to.include(renderLabels(data));
  });

  it('has a verdict for every difference', async () => {
    const { unexplained } = (await import(new URL('tools/labels-page.js', ROOT).href)) as Pages;
    expect(unexplained(data)).to.deep.equal([]);
  });
});

describe('what the numbers of packets show, for docs/peers.md', () => {
  interface Numbers {
    seq: number;
    ack?: number;
    length?: number;
    flags?: number;
    time?: number;
    ipId?: number;
    window?: number;
    from?: string;
  }
  const packet = ({ from = 'a', ...numbers }: Numbers): object => ({
    stream: '0', from, to: from === 'a' ? 'b' : 'a', ack: 1, length: 0, shown: numbers.length ?? 0, flags: 16, time: 0, ipId: 0, window: 100, tsval: null, ...numbers,
  });
  const shown = async (...packets: Numbers[]): Promise<string> => {
    const { Evidence } = (await import(new URL('tools/labels-evidence.js', ROOT).href)) as { Evidence: new () => { of(packet: object): string } };
    const evidence = new Evidence();
    return packets.map((numbers) => evidence.of(packet(numbers))).at(-1)!;
  };

  it('tells copies, repeats, gaps and what fills them', async () => {
    const [one, two, three] = [{ seq: 1, length: 10, ipId: 1 }, { seq: 11, length: 10, ipId: 2 }, { seq: 21, length: 10, ipId: 3 }];
    expect(await shown(one, { ...one, time: 0.001 })).to.include('the same frame');
    expect(await shown(one, { ...one, ipId: 9 })).to.equal('all its bytes were captured before');
    expect(await shown(one, { seq: 1, from: 'b', ack: 11 }, { ...one, ipId: 9 })).to.equal('all its bytes were captured, and acknowledged, before');
    expect(await shown(one, three)).to.equal('begins beyond all that was captured of its sender');
    expect(await shown(one, three, two)).to.equal('bytes of a gap, IP-ID below theirs, within 3 ms');
    expect(await shown(one, three, { ...two, ipId: 9, time: 1 })).to.equal('bytes of a gap, IP-ID above theirs, later than 3 ms');
    expect(await shown({ ...one, seq: 4294967290 }, { seq: 4, length: 10 })).to.equal('new bytes, in order');
  });

  it('tells what an empty segment acknowledges', async () => {
    const sent = { seq: 1, length: 10, from: 'b' };
    expect(await shown(sent, { seq: 1, ack: 11 })).to.equal('the first packet of its sender');
    expect(await shown(sent, { seq: 1, ack: 1 }, { seq: 1, ack: 11 })).to.equal('acknowledges more than before');
    expect(await shown(sent, { seq: 1, ack: 1, ipId: 1 }, { seq: 1, ack: 1, ipId: 2 })).to.equal('the same ACK, the same window, data outstanding');
    expect(await shown(sent, { seq: 1, ack: 11 }, { seq: 1, ack: 11, window: 9 })).to.equal('the same ACK, another window, nothing outstanding');
    expect(await shown(sent, { seq: 1, ack: 11 }, { seq: 1, ack: 99 })).to.equal('acknowledges more than was captured');
    expect(await shown(sent, { seq: 1, ack: 11 }, { seq: 0, ack: 11 })).to.equal('empty, at SND.NXT - 1, towards an open window');
  });
});
