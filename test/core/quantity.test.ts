import { expect } from 'chai';
import fc from 'fast-check';
import { escapeControls } from '../../src/core/formats/escape.ts';
import { wrap } from '../../src/core/formats/layout.ts';
import { bytes, count, duration, isoTime, percent } from '../../src/core/quantity.ts';

describe('quantities', () => {
  it('write times in UTC, with nanoseconds where there are any', () => {
    expect(isoTime(1_714_564_803_123_456_789n)).to.equal('2024-05-01T12:00:03.123456789Z');
    expect(isoTime(1_714_564_803_123_456_000n)).to.equal('2024-05-01T12:00:03.123456Z');
    expect(isoTime(0n)).to.equal('1970-01-01T00:00:00.000000Z');
    expect(isoTime(-1n)).to.equal('1969-12-31T23:59:59.999999999Z');
  });

  it('write times beyond the years of dates as seconds', () => {
    expect(isoTime(2n ** 63n)).to.equal('2262-04-11T23:47:16.854775808Z');
    expect(isoTime(8_640_000_000_001n * 1_000_000_000n)).to.equal('@8640000000001.000000');
  });

  it('write durations in the unit that suits them', () => {
    const cases: [number, string][] = [
      [0, '0 s'], [0.000000085, '0.085 µs'], [0.000085, '85 µs'], [0.00125, '1.25 ms'], [12.34, '12.3 s'], [59.96, '1 min'],
      [787, '13 min 7 s'], [3599.9, '1 h'], [11_520, '3 h 12 min'], [187_200, '2 d 4 h'], [-5, '-5 s'], [NaN, '-'],
    ];
    for (const [seconds, words] of cases) expect(duration(seconds)).to.equal(words);
  });

  it('group thousands', () => {
    expect([0, 999, 1000, 1_234_567, -1234, 0.125, 2.71899, 1234.5, 1e21].map(count)).to.deep.equal(
      ['0', '999', '1,000', '1,234,567', '-1,234', '0.125', '2.719', '1,235', '1e+21']);
  });

  it('write bytes and shares', () => {
    expect([0, 512, 1450, 999_900, 12_345_678, 5e15].map(bytes)).to.deep.equal(['0 B', '512 B', '1.45 kB', '1 MB', '12.3 MB', '5000 TB']);
    expect([0, 0.00031, 0.125, 1].map(percent)).to.deep.equal(['0 %', '0.031 %', '12.5 %', '100 %']);
  });
});

describe('wrapping', () => {
  it('keeps every word, and every line within the width unless it is one word', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 30 }).map((word) => word.replaceAll(/\s/g, '_'))), fc.integer({ min: 1, max: 60 }), (words, width) => {
        const lines = wrap(words.join(' '), width);
        expect(lines.join(' ')).to.equal(words.join(' '));
        for (const line of lines) expect(line.length <= width || !line.includes(' '), line).to.equal(true);
      }),
    );
  });
});

describe('escaping', () => {
  it('leaves printable text alone and everything else harmless', () => {
    expect(escapeControls('server été №1.pcap')).to.equal('server été №1.pcap');
    expect(escapeControls('\u001b[31m\u202e\r\n\u009b\u007f')).to.equal('\\x1b[31m\\u{202e}\\x0d\\x0a\\x9b\\x7f');
  });
});
