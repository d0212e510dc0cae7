import { expect } from 'chai';
import fc from 'fast-check';
import { formatAddress, formatEndpoint, parseAddress, parseEndpoint } from '../../../src/core/wire/address.ts';

describe('wire: addresses', () => {
  // The examples of RFC 5952 §4 and §1, in the form it asks for.
  const canonical = [
    '2001:db8::1',
    '2001:db8:0:1:1:1:1:1',
    '2001:0:0:1::1',
    '2001:db8::1:0:0:1',
    '2001:db8:85a3:8d3:1319:8a2e:370:7348',
    '::',
    '::1',
    '1::',
    '0:1:2:3:4:5:6:7',
    'fe80::aaaa',
    '192.0.2.1',
    '255.255.255.255',
    '0.0.0.0',
  ];
  for (const text of canonical) {
    it(`prints ${text} as it is written`, () => {
      const words = parseAddress(text);
      expect(words).to.not.equal(null);
      expect(formatAddress(...(words ?? [0, 0, 0, 0]))).to.equal(text);
    });
  }

  it('reads other spellings', () => {
    expect(parseAddress('2001:DB8:0:0:0:0:0:1')).to.deep.equal([0x20010db8, 0, 0, 1]);
    expect(parseAddress('::ffff:192.0.2.1')).to.deep.equal([0, 0, 0xffff, 0xc0000201 | 0]);
    expect(parseAddress('64:ff9b::192.0.2.33')).to.deep.equal([0x0064ff9b, 0, 0, 0xc0000221 | 0]);
    expect(parseAddress('10.0.0.1')).to.deep.equal([0, 0, 0xffff, 0x0a000001]);
  });

  it('refuses what is no address', () => {
    const wrong = ['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1.2.3.x', ':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9'];
    for (const text of [...wrong, '12345::', 'g::', '1:2:3:4:5:6:7::8', '::1.2.3.4:5', '1.2.3.4::', '[::1]']) {
      expect(parseAddress(text), text).to.equal(null);
    }
  });

  it('prints and reads endpoints', () => {
    expect(formatEndpoint(0, 0, 0xffff, 0xc0000201 | 0, 443)).to.equal('192.0.2.1:443');
    expect(formatEndpoint(0x20010db8, 0, 0, 1, 443)).to.equal('[2001:db8::1]:443');
    expect(parseEndpoint('192.0.2.1:443')).to.deep.equal({ address: [0, 0, 0xffff, 0xc0000201 | 0], port: 443 });
    expect(parseEndpoint('[2001:db8::1]:0')).to.deep.equal({ address: [0x20010db8, 0, 0, 1], port: 0 });
    for (const text of ['192.0.2.1', '192.0.2.1:65536', '2001:db8::1:443', '[192.0.2.1]:80', ':80', '[::1]', '[::1]:']) {
      expect(parseEndpoint(text), text).to.equal(null);
    }
  });

  it('reads back whatever it prints', () => {
    const word = fc.oneof(fc.constant(0), fc.integer());
    fc.assert(
      fc.property(word, word, word, word, (a, b, c, d) => {
        expect(parseAddress(formatAddress(a, b, c, d))).to.deep.equal([a, b, c, d]);
      }),
    );
  });
});
