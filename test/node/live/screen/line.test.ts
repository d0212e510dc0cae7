import { expect } from 'chai';
import fc from 'fast-check';
import { fitted, narrow, PAINT, painted, piece, spread, textOf } from '../../../../src/node/live/screen/line.ts';

describe('a line of the screen', () => {
  it('holds only characters that take one column', () => {
    expect(narrow('eth0 · 85 µs → Größe ▁█ ─ „x“')).to.equal('eth0 · 85 µs → Größe ▁█ ─ „x“');
    expect(narrow('\u001b[31mred\u0007')).to.equal('\\x1b[31mred\\x07');
    expect(narrow('\u009b31m')).to.equal('\\x9b31m');
    expect(narrow('中a')).to.equal('\\u{4e2d}a');
    expect(narrow('e\u0301')).to.equal('e\\u{301}');
    expect(narrow('😀')).to.equal('\\u{1f600}');
    expect(narrow('\ud83d')).to.equal('\\u{d83d}');
    expect(narrow('a\u202eb')).to.equal('a\\u{202e}b');
    expect(narrow('a\u00a0b\u00ad')).to.equal('a b\\u{ad}');
    expect(narrow('\u200b\ufeff')).to.equal('\\u{200b}\\u{feff}');
  });

  it('has the width asked for, whatever its text', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: 'binary' })), fc.integer({ min: 0, max: 60 }), (texts, width) => {
      const line = fitted(texts.map((text) => piece(text)), width);
      expect(textOf(line)).to.have.lengthOf(width);
      // eslint-disable-next-line no-control-regex
      expect(textOf(line)).to.match(/^[^\u0000-\u001f\u007f-\u009f\u1100-\u1fff\ud800-\udfff]*$/);
    }));
  });

  it('ends in … where it is cut', () => {
    expect(textOf(fitted([piece('abc'), piece('def')], 5))).to.equal('abcd…');
    expect(textOf(fitted([piece('abc'), piece('def')], 6))).to.equal('abcdef');
  });

  it('has its right part at the right edge, if it fits', () => {
    expect(textOf(spread([piece('left')], [piece('right')], 12))).to.equal('left   right');
    expect(textOf(spread([piece('left')], [piece('right')], 9))).to.equal('left     ');
  });

  it('keeps the looks of painted text, and no other control character', () => {
    expect(painted(`a ${PAINT('high', 'b c')}${PAINT('quiet', `d${PAINT('good', 'e')}f`)} g\u0001\u001b`)).to.deep.equal([
      { text: 'a ', look: 'plain' },
      { text: 'b c', look: 'high' },
      { text: 'd', look: 'quiet' },
      { text: 'e', look: 'good' },
      { text: 'f', look: 'quiet' },
      { text: ' g\\x01\\x1b', look: 'plain' },
    ]);
  });
});
