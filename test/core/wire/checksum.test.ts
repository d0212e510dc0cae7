import { expect } from 'chai';
import fc from 'fast-check';
import { fold, halves, LONGEST_SUM, sumWords } from '../../../src/core/wire/checksum.ts';
import { hex, onesSum } from '../../support/packets.ts';

describe('wire: the one’s complement sum', () => {
  it('is that of RFC 1071 §3’s example', () => {
    const data = hex('0001 f203 f4f5 f6f7');
    expect(sumWords(new DataView(data.buffer), 0, 8)).to.equal(0x2ddf0);
    expect(fold(0x2ddf0)).to.equal(0xddf2);
  });

  it('does not overflow where it is longest', () => {
    const data = new Uint8Array(LONGEST_SUM).fill(0xff);
    // 32767 words of 0xffff and a last byte: (32767 · 0xffff + 0xff00) mod 0xffff.
    const sum = sumWords(new DataView(data.buffer), 0, data.length);
    expect(sum).to.be.within(0, 2 ** 31 - 1);
    expect(fold(sum)).to.equal(0xff00);
  });

  it('is that of a plain loop, from any offset and of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (data, from) => {
        const start = Math.min(from, data.length);
        const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
        expect(fold(sumWords(view, start, data.length))).to.equal(onesSum(data.subarray(start)));
      }),
    );
  });

  it('is that of a plain loop over long ranges, in memory that begins anywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 200, maxLength: 1600 }), fc.nat(7), fc.nat(7), fc.nat(40), (data, place, from, cut) => {
        const memory = new Uint8Array(place + data.length + 3);
        memory.set(data, place);
        const view = new DataView(memory.buffer, place, data.length);
        const to = data.length - cut;
        expect(fold(sumWords(view, from, to))).to.equal(onesSum(data.subarray(from, to)));
      }),
    );
  });

  it('takes a signed word for its bits', () => {
    expect(halves(-1)).to.equal(0x1fffe);
    expect(halves(0xc0000201 | 0)).to.equal(0xc000 + 0x0201);
  });
});
