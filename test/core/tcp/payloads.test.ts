import { expect } from 'chai';
import { Payloads } from '../../../src/core/tcp/payloads.ts';
import { CHECKSUM_BAD, CHECKSUM_GOOD, Segment } from '../../../src/core/wire/segment.ts';

/** A segment with `text` as payload, three bytes into its frame. */
function segmentOf(seq: number, text: string, ttl = 64): Segment {
  const segment = new Segment();
  segment.seq = seq | 0;
  segment.ttl = ttl;
  segment.bytes = Uint8Array.from([0, 0, 0, ...Array.from(text, (letter) => letter.charCodeAt(0))]);
  segment.payloadStart = 3;
  segment.payloadCaptured = text.length;
  segment.payloadLength = text.length;
  segment.checksumState = CHECKSUM_GOOD;
  return segment;
}

describe('payloads', () => {
  it('the same bytes again are no conflict, however they are cut', () => {
    const payloads = new Payloads();
    payloads.keep(segmentOf(1000, 'abcdefghij'), 0, 1);
    payloads.keep(segmentOf(1010, 'klmno'), 0, 1);
    for (const [seq, text] of [[1000, 'abcdefghij'], [1005, 'fghijkl'], [995, 'xxxxxabc'], [1012, 'mnopqr']] as const) {
      expect(payloads.conflicts(segmentOf(seq, text), 0, 1), text).to.equal(false);
    }
  });

  it('another byte is one, with how much was compared and the difference in TTL', () => {
    const payloads = new Payloads();
    payloads.keep(segmentOf(1000, 'abcdefghij', 64), 0, 1);
    expect(payloads.conflicts(segmentOf(1005, 'fgXijkl', 250), 0, 1)).to.equal(true);
    expect([payloads.compared, payloads.ttlDifference]).to.deep.equal([5, 186]);
  });

  it('over the wrap of sequence numbers, too', () => {
    const payloads = new Payloads();
    payloads.keep(segmentOf(0xffff_fffc, 'abcdefgh'), 0, 1);
    expect(payloads.conflicts(segmentOf(0, 'efgh'), 0, 1)).to.equal(false);
    expect(payloads.conflicts(segmentOf(0, 'efgX'), 0, 1)).to.equal(true);
  });

  it('only what the same end of the same flow sent is compared', () => {
    const payloads = new Payloads();
    payloads.keep(segmentOf(1000, 'abcdefghij'), 0, 1);
    expect(payloads.conflicts(segmentOf(1000, 'other text'), 1, 1)).to.equal(false);
    expect(payloads.conflicts(segmentOf(1000, 'other text'), 0, 2)).to.equal(false);
    // Ends that share a chain: 4096 apart.
    expect(payloads.conflicts(segmentOf(1000, 'other text'), 4096, 1)).to.equal(false);
  });

  it('a damaged segment, and the one byte of a keep-alive, say nothing', () => {
    const payloads = new Payloads();
    payloads.keep(segmentOf(1000, 'abcdefghij'), 0, 1);
    const damaged = segmentOf(1000, 'abcXefghij');
    damaged.checksumState = CHECKSUM_BAD;
    expect(payloads.conflicts(damaged, 0, 1)).to.equal(false);
    expect(payloads.conflicts(segmentOf(1009, 'X'), 0, 1)).to.equal(false);
  });

  it('padding of a short frame, taken for payload, is none either', () => {
    const payloads = new Payloads();
    payloads.keep(segmentOf(1000, '\0\0\0\0\0\0'), 0, 1);
    expect(payloads.conflicts(segmentOf(1000, 'abcdefghij'), 0, 1)).to.equal(false);
  });

  it('what was overwritten by 4,096 later segments is forgotten, without a trace', () => {
    const payloads = new Payloads();
    payloads.keep(segmentOf(1000, 'abcdefghij'), 0, 1);
    for (let index = 0; index < 4096; index++) payloads.keep(segmentOf(index * 10, 'zzzzzzzzzz'), 0, 2);
    expect(payloads.conflicts(segmentOf(1000, 'other text'), 0, 1)).to.equal(false);
  });

  it('what later payloads have overwritten before its turn says nothing, and what lies behind still does', () => {
    const payloads = new Payloads();
    for (let turn = 0; turn < 4096; turn++) payloads.keep(segmentOf(1000, 'ab'), turn * 8, 1);
    // 256 bytes each, in the first slots: they reach into the bytes of slot 127, not of 128.
    const long = 'x'.repeat(256);
    payloads.keep(segmentOf(1000, long), 7 * 8, 2);
    expect(payloads.conflicts(segmentOf(1000, 'ab'), 127 * 8, 1)).to.equal(false);
    expect(payloads.conflicts(segmentOf(1000, 'aX'), 127 * 8, 1)).to.equal(false);
    expect(payloads.conflicts(segmentOf(1000, 'ab'), 128 * 8, 1)).to.equal(false);
    expect(payloads.conflicts(segmentOf(1000, 'aX'), 128 * 8, 1)).to.equal(true);
    expect(payloads.conflicts(segmentOf(1000, `${long.slice(1)}y`), 7 * 8, 2)).to.equal(true);
    payloads.keep(segmentOf(1000, long), 9 * 8, 2);
    expect(payloads.conflicts(segmentOf(1000, 'aX'), 128 * 8, 1)).to.equal(false);
    expect(payloads.conflicts(segmentOf(1000, 'aX'), 300 * 8, 1)).to.equal(true);
  });
});
