import { expect } from 'chai';
import { UnrecognisedCapture } from '../../src/core/index.ts';
import { type Analysis, analyse } from '../support/analyse.ts';
import { fixtureCapture, fixtureNames } from '../support/fixtures.ts';
import { randomNumbers } from '../support/mutate.ts';

const ROUNDS = 6;

/** A copy with some bytes changed: any of them, or only those of headers, which do more harm. */
function damaged(capture: Uint8Array, random: () => number): Uint8Array {
  const copy = capture.slice();
  const changes = 1 + Math.floor(random() * 30);
  const reach = random() < 0.5 ? copy.length : Math.min(copy.length, 400);
  for (let change = 0; change < changes; change++) {
    const at = Math.floor(random() * reach);
    copy[at] = random() < 0.5 ? Math.floor(random() * 256) : [0, 0xff, 0x7f, 0x80][Math.floor(random() * 4)];
  }
  return random() < 0.3 ? copy.subarray(0, Math.floor(random() * copy.length)) : copy;
}

/** The analysis, or null for what is no capture any more. Anything else that is thrown fails the test. */
function tryToAnalyse(capture: Uint8Array): Analysis | null {
  try {
    return analyse([capture]);
  } catch (error) {
    if (error instanceof UnrecognisedCapture) return null;
    throw error;
  }
}

describe('a damaged capture', () => {
  for (const [index, name] of fixtureNames.entries()) {
    it(`${name}: is read as far as it can be`, () => {
      const random = randomNumbers(index + 1);
      const capture = fixtureCapture(name);
      for (let round = 0; round < ROUNDS; round++) {
        const analysis = tryToAnalyse(damaged(capture, random));
        if (analysis === null) continue;
        const { read, analysed, left_out: leftOut } = analysis.report.capture.packets;
        expect(analysed + Object.values(leftOut).reduce((sum, count) => sum + count, 0)).to.equal(read);
        expect(read).to.be.at.most(capture.length);
        for (const populations of Object.values(analysis.report.series.states)) expect(Math.min(...populations)).to.be.at.least(0);
      }
    });
  }

  it('cut anywhere is read up to there', () => {
    const capture = fixtureCapture('close-simultaneous');
    let before = 0;
    // Shorter steps than any record: each cut adds one packet at most.
    for (let length = 24; length < capture.length; length += 17) {
      const read = tryToAnalyse(capture.subarray(0, length))?.report.capture.packets.read ?? 0;
      expect(read).to.be.within(before, before + 1);
      before = read;
    }
    expect(before).to.equal(15);
  });
});
