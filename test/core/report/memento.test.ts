import { expect } from 'chai';
import { Memento } from '../../../src/core/report/memento.ts';

class Ledger {
  total = 1;
  private secret = 'kept';
  readonly entries = new Map<string, { count: number }>([['a', { count: 1 }]]);
  readonly names = new Set(['x', 'y']);
  readonly list = [1, 2, 3];
  counts = new Float64Array([1, 2]);
  back: Ledger | null = this;

  spoil(): void {
    this.total = 2;
    this.secret = 'lost';
    this.entries.get('a')!.count = 7;
    this.entries.set('b', { count: 1 });
    this.names.delete('x');
    this.names.add('z');
    this.list.push(4);
    this.list[0] = 9;
    this.counts[1] = 5;
    this.counts = new Float64Array([8, 8, 8]);
    this.back = null;
  }

  told(): unknown {
    return [this.total, this.secret, [...this.entries].map(([name, { count }]) => [name, count]), [...this.names], [...this.list], [...this.counts], this.back === this];
  }
}

function mementoOf(...of: Parameters<Memento['take']>): Memento {
  const memento = new Memento();
  memento.take(...of);
  return memento;
}

describe('report: a memento', () => {
  it('puts back what objects, maps, sets and arrays held, the order of their entries too', () => {
    const ledger = new Ledger();
    const before = ledger.told();
    const memento = mementoOf([ledger]);
    ledger.spoil();
    memento.restore();
    expect(ledger.told()).to.deep.equal(before);
  });

  it('leaves objects what they are: whoever refers to one sees it as it was', () => {
    const ledger = new Ledger();
    const { entries, counts } = ledger;
    const entry = entries.get('a')!;
    const memento = mementoOf([ledger]);
    ledger.spoil();
    memento.restore();
    expect(ledger.entries).to.equal(entries);
    expect(ledger.counts).to.equal(counts);
    expect(ledger.entries.get('a')).to.equal(entry);
  });

  it('can be taken again and again', () => {
    const ledger = new Ledger();
    for (let round = 0; round < 3; round++) {
      ledger.counts[0] = round;
      const memento = mementoOf([ledger]);
      ledger.counts[0] = 99;
      memento.restore();
      expect(ledger.counts[0]).to.equal(round);
    }
  });

  it('removes the fields that an object gained, and gives back those it lost, in their order', () => {
    const counts: { [name: string]: number | undefined } = { a: 1, b: undefined, c: 3 };
    const memento = mementoOf([counts]);
    delete counts['a'];
    delete counts['b'];
    counts['d'] = 4;
    memento.restore();
    expect(Object.entries(counts)).to.deep.equal([['a', 1], ['b', undefined], ['c', 3]]);
  });

  it('puts back memory that several arrays show, each with a part of its own, and nothing else of it', () => {
    const buffer = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]).buffer;
    const bytes = new Uint8Array(buffer);
    const memento = mementoOf([{ early: new Uint8Array(buffer, 1, 4), late: new Uint16Array(buffer, 4, 1) }]);
    bytes.fill(99);
    memento.restore();
    expect([...bytes]).to.deep.equal([99, 1, 2, 3, 4, 5, 99, 99]);
  });

  it('may be taken of other objects, larger and smaller, each time', () => {
    const memento = new Memento();
    for (const length of [1, 1000, 10]) {
      const counts = new Float64Array(length).fill(length);
      memento.undone([{ counts }], [], () => counts.fill(0));
      expect([...counts]).to.deep.equal(Array.from({ length }, () => length));
    }
  });

  it('puts back what was changed when the act failed', () => {
    const counts = [1, 2, 3];
    const fail = (): never => {
      counts.push(4);
      throw new Error('in the middle');
    };
    expect(() => new Memento().undone([counts], [], fail)).to.throw('in the middle');
    expect(counts).to.deep.equal([1, 2, 3]);
  });

  it('leaves alone what it is told to', () => {
    const ledger = new Ledger();
    const memento = mementoOf([ledger], [ledger.entries]);
    ledger.spoil();
    memento.restore();
    expect([...ledger.entries.keys()]).to.deep.equal(['a', 'b']);
    expect(ledger.total).to.equal(1);
  });
});
