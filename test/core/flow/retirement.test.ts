import { expect } from 'chai';
import fc from 'fast-check';
import { RetirementQueue } from '../../../src/core/flow/retirement.ts';

describe('flow: retirement queue', () => {
  it('is first in, first out, as a plain array is', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(9999), { freq: 3 }), { maxLength: 500 }), (steps) => {
        const queue = new RetirementQueue();
        const model: number[] = [];
        for (const flow of steps) {
          expect(queue.due).to.equal(model.length === 0 ? Number.POSITIVE_INFINITY : model[0] * 2);
          if (flow !== null) {
            queue.push(flow, flow * 2);
            model.push(flow);
          } else if (model.length > 0) expect(queue.shift()).to.equal(model.shift());
          expect(queue.length).to.equal(model.length);
        }
      }),
    );
  });

  it('grows while its ring is wrapped', () => {
    const queue = new RetirementQueue();
    for (let flow = 0; flow < 700; flow++) queue.push(flow, flow);
    for (let flow = 0; flow < 600; flow++) expect(queue.shift()).to.equal(flow);
    for (let flow = 700; flow < 4000; flow++) queue.push(flow, flow);
    for (let flow = 600; flow < 4000; flow++) {
      expect(queue.due).to.equal(flow);
      expect(queue.shift()).to.equal(flow);
    }
    expect(queue.length).to.equal(0);
  });
});
