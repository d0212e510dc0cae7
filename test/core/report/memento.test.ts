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

describe('report: a memento', () => {
  it('puts back what objects, maps, sets and arrays held, the order of their entries too', () => {
    const ledger = new Ledger();
    const before = ledger.told();
    const memento = new Memento([ledger]);
    ledger.spoil();
    memento.restore();
    expect(ledger.told()).to.deep.equal(before);
  });

  it('leaves objects what they are: whoever refers to one sees it as it was', () => {
    const ledger = new Ledger();
    const { entries, counts } = ledger;
    const entry = entries.get('a')!;
    const memento = new Memento([ledger]);
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
      const memento = new Memento([ledger]);
      ledger.counts[0] = 99;
      memento.restore();
      expect(ledger.counts[0]).to.equal(round);
    }
  });

  it('removes the fields that an object gained, and gives back those it lost, in their order', () => {
    const counts: { [name: string]: number | undefined } = { a: 1, b: undefined, c: 3 };
    const memento = new Memento([counts]);
    delete counts['a'];
    delete counts['b'];
    counts['d'] = 4;
    memento.restore();
    expect(Object.entries(counts)).to.deep.equal([['a', 1], ['b', undefined], ['c', 3]]);
  });

  it('leaves alone what it is told to', () => {
    const ledger = new Ledger();
    const memento = new Memento([ledger], [ledger.entries]);
    ledger.spoil();
    memento.restore();
    expect([...ledger.entries.keys()]).to.deep.equal(['a', 'b']);
    expect(ledger.total).to.equal(1);
  });
});
