import { expect } from 'chai';
import { Decoder } from '../../../src/core/wire/decode.ts';
import { REASON_NAMES, Segment } from '../../../src/core/wire/segment.ts';
import { bytes, concat, fastOpen, hex, mss, nop, record, sack, sackPermitted, tcpFrame, timestamps, windowScale } from '../../support/packets.ts';

/** Ethernet, IPv4 and the fixed TCP header. */
const BEFORE_OPTIONS = 54;

function decode(options: readonly Uint8Array[], snaplen?: number): Segment {
  const segment = new Segment();
  const frame = tcpFrame({ from: '192.0.2.1:40000', to: '192.0.2.2:80', options, payload: 'data' });
  const reason = new Decoder().decode(record(frame, snaplen === undefined ? {} : { snaplen }), segment);
  expect(REASON_NAMES[reason]).to.equal('segment');
  expect(segment.payloadLength).to.equal(4);
  return segment;
}

const ABSENT = { mss: -1, windowScale: -1, sackPermitted: false, hasTimestamps: false, sackCount: 0, fastOpenCookie: -1 };

describe('wire: TCP options', () => {
  it('are absent unless they are there', () => {
    expect(decode([])).to.include({ ...ABSENT, optionsLength: 0, optionsComplete: true, optionsMalformed: false });
    expect(decode([nop(4)])).to.include({ ...ABSENT, optionsLength: 4, optionsComplete: true, optionsMalformed: false });
  });

  it('are read in the order of a SYN', () => {
    const segment = decode([mss(1460), sackPermitted(), timestamps(0xfffffffe, 3), nop(), windowScale(14)]);
    expect(segment).to.include({ mss: 1460, sackPermitted: true, hasTimestamps: true, tsval: -2, tsecr: 3, windowScale: 14, optionsLength: 20 });
    expect(segment).to.include({ optionsComplete: true, optionsMalformed: false });
  });

  it('are read alike on the short way and the long one', () => {
    for (const options of [[nop(2), timestamps(7, 8)], [timestamps(7, 8), nop(2)], [nop(), timestamps(7, 8), nop()], [timestamps(7, 8)]]) {
      expect(decode(options)).to.include({ ...ABSENT, hasTimestamps: true, tsval: 7, tsecr: 8, optionsLength: 12, optionsMalformed: false });
    }
  });

  it('hold up to four SACK blocks', () => {
    const one = decode([nop(2), sack([0xfffffff0, 5])]);
    expect(one.sackCount).to.equal(1);
    expect([...one.sackEdges.subarray(0, 2)]).to.deep.equal([-16, 5]);
    const three = decode([nop(2), timestamps(1, 2), nop(2), sack([1, 2], [3, 4], [5, 6])]);
    expect(three).to.include({ sackCount: 3, tsval: 1, tsecr: 2 });
    const four = decode([nop(2), sack([1, 2], [3, 4], [5, 6], [7, 8])]);
    expect(four.sackCount).to.equal(4);
    expect([...four.sackEdges]).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('tell a Fast Open cookie from the wish for one, and know the experimental form', () => {
    expect(decode([fastOpen()]).fastOpenCookie).to.equal(0);
    expect(decode([fastOpen(new Uint8Array(8))]).fastOpenCookie).to.equal(8);
    expect(decode([hex('fe04f989')]).fastOpenCookie).to.equal(0);
    expect(decode([hex('fe0cf989 0102030405060708')]).fastOpenCookie).to.equal(8);
    expect(decode([hex('fe04e2d4')])).to.include({ ...ABSENT, optionsMalformed: false });
  });

  it('that are unknown are skipped', () => {
    expect(decode([hex('1d06 000000 00'), mss(9)])).to.include({ mss: 9, optionsMalformed: false });
  });

  it('end at the end-of-list', () => {
    expect(decode([bytes(0), mss(9), nop(3)])).to.include({ ...ABSENT, optionsComplete: true, optionsMalformed: false });
  });

  const malformed: [string, Uint8Array][] = [
    ['of length 0', hex('02000000')],
    ['of length 1', hex('02010000')],
    ['longer than the options', hex('0205 0000')],
    ['without a length', hex('01010102')],
    ['MSS of 3 bytes', hex('02030100')],
    ['window scale of 4 bytes', hex('03040100')],
    ['SACK permitted of 3 bytes', hex('04030000')],
    ['timestamps of 8 bytes', concat(hex('0808'), new Uint8Array(6))],
    ['SACK without a block', hex('05020000')],
    ['SACK of a block and a half', concat(hex('050e'), new Uint8Array(12))],
  ];
  for (const [name, options] of malformed) {
    it(`are malformed: ${name}`, () => {
      expect(decode([options])).to.include({ ...ABSENT, optionsMalformed: true, optionsComplete: true });
    });
  }

  it('after one of wrong length are still read', () => {
    expect(decode([hex('020301'), nop(), windowScale(2), nop()])).to.include({ mss: -1, windowScale: 2, optionsMalformed: true });
  });

  it('cut off by the capture are not malformed', () => {
    const options = [mss(1460), sackPermitted(), timestamps(1, 2), nop(), windowScale(7)];
    for (let kept = 0; kept < 20; kept += 1) {
      const segment = decode(options, BEFORE_OPTIONS + kept);
      expect(segment, `${kept} bytes kept`).to.include({
        optionsComplete: false,
        optionsMalformed: false,
        optionsLength: 20,
        mss: kept >= 4 ? 1460 : -1,
        sackPermitted: kept >= 6,
        hasTimestamps: kept >= 16,
        windowScale: -1,
        payloadCaptured: 0,
      });
    }
    expect(decode(options, BEFORE_OPTIONS + 20)).to.include({ optionsComplete: true, windowScale: 7 });
  });

  it('cut within the one layout that has a short way are not read beyond the capture', () => {
    expect(decode([nop(2), timestamps(7, 8)], BEFORE_OPTIONS + 11)).to.include({ ...ABSENT, optionsComplete: false });
  });
});
