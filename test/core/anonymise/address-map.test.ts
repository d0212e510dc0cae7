import { expect } from 'chai';
import fc from 'fast-check';
import { AddressMap, MacMap } from '../../../src/core/anonymise/address-map.ts';
import { aes128 } from '../../../src/node/extract/anonymising.ts';
import { addressBytes, hex } from '../../support/packets.ts';

/** Key and addresses that Crypto-PAn's reference implementation comes with. */
const REFERENCE_KEY = hex('15 22 17 8d 33 a4 cf 80 13 0a 5b 16 49 90 7d 10 d8 98 8f 83 79 79 65 27 62 57 4c 2d 2a 84 22 02');
const REFERENCE: readonly (readonly [string, string])[] = [
  ['128.11.68.132', '135.242.180.132'],
  ['129.118.74.4', '134.136.186.123'],
  ['130.132.252.244', '133.68.164.234'],
  ['141.223.7.43', '141.167.8.160'],
  ['152.163.225.39', '151.140.114.167'],
  ['156.29.3.236', '147.225.12.42'],
  ['165.247.96.84', '162.9.99.234'],
  ['192.102.249.13', '252.138.62.131'],
  ['193.150.244.223', '253.169.52.216'],
  ['198.200.171.101', '249.199.68.213'],
];

const map = new AddressMap(aes128(REFERENCE_KEY.subarray(0, 16)), REFERENCE_KEY.subarray(16));

function image(address: Uint8Array): Uint8Array {
  const bytes = address.slice();
  map.replace(bytes, 0, bytes.length);
  return bytes;
}

function commonBits(one: Uint8Array, other: Uint8Array): number {
  const bits = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const [left, right] = [bits(one), bits(other)];
  let common = 0;
  while (common < left.length && left[common] === right[common]) common++;
  return common;
}

describe('AddressMap', () => {
  for (const [address, expected] of REFERENCE) {
    it(`gives ${address} the image of Crypto-PAn's reference implementation`, () => {
      expect(image(addressBytes(address))).to.deep.equal(addressBytes(expected));
    });
  }

  for (const length of [4, 16]) {
    it(`keeps exactly as many bits in common between addresses of ${length} bytes`, () => {
      const address = fc.uint8Array({ minLength: length, maxLength: length });
      fc.assert(fc.property(address, address, fc.nat(length * 8 - 1), (one, random, turned) => {
        const near = one.slice();
        near[turned >> 3] ^= 0x80 >> (turned & 7);
        expect(commonBits(image(one), image(near))).to.equal(turned);
        expect(commonBits(image(one), image(random))).to.equal(commonBits(one, random));
        expect(image(one)).to.deep.equal(image(one));
      }), { numRuns: 50 });
    });
  }
});

describe('MacMap', () => {
  const macs = new MacMap(aes128(REFERENCE_KEY.subarray(0, 16)));
  const replaced = (text: string): string => {
    const bytes = hex(text);
    macs.replace(bytes, 0);
    return Buffer.from(bytes).toString('hex');
  };

  it('gives every address one image, local and of the same kind, and lets broadcast and zeros be', () => {
    expect(replaced('001b21aabbcc')).to.equal(replaced('001b21aabbcc')).and.not.equal(replaced('001b21aabbcd'));
    expect(parseInt(replaced('001b21aabbcc').slice(0, 2), 16) & 3).to.equal(2);
    expect(parseInt(replaced('01005e000001').slice(0, 2), 16) & 3).to.equal(3);
    expect(replaced('ffffffffffff')).to.equal('ffffffffffff');
    expect(replaced('000000000000')).to.equal('000000000000');
  });
});
