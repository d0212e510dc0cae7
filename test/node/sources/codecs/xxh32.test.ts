import { createRequire } from 'node:module';
import { expect } from 'chai';
import fc from 'fast-check';
import { Xxh32 } from '../../../../src/node/sources/codecs/xxh32.ts';

/** Another implementation, of whole texts. */
const other = createRequire(import.meta.url)('lz4js/xxh32.js') as { hash(seed: number, bytes: Uint8Array, start: number, length: number): number };

function digest(...pieces: readonly Uint8Array[]): number {
  const checksum = new Xxh32();
  for (const piece of pieces) checksum.update(piece);
  return checksum.digest();
}

describe('XXH32', () => {
  // As xxhsum -H0 prints them.
  for (const [text, expected] of [['', 0x02cc5d05], ['a', 0x550d7456], ['abc', 0x32d153ff]] as const) {
    it(`of "${text}"`, () => expect(digest(Buffer.from(text))).to.equal(expected));
  }

  it('is that of the whole, however it comes in pieces', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 8 }), (pieces) => {
      const whole = Uint8Array.from(Buffer.concat(pieces));
      expect(digest(...pieces)).to.equal(other.hash(0, whole, 0, whole.length) >>> 0);
    }));
  });
});
