import { expect } from 'chai';
import { UnrecognisedCapture } from '../../../src/core/capture/errors.ts';
import { filler, pcap, sectionHeader } from '../../support/pcap-writer.ts';
import { collect } from './collect.ts';

const text = (content: string): Uint8Array => Uint8Array.from(content, (character) => character.charCodeAt(0));

describe('content that is no capture', () => {
  const cases: readonly (readonly [name: string, content: Uint8Array, words: RegExp])[] = [
    ['nothing', new Uint8Array(0), /empty input/],
    ['three bytes', Uint8Array.of(0xd4, 0xc3, 0xb2), /d4 c3 b2/],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0), /gzip inside another compression/],
    ['bzip2', text('BZh91AY'), /bzip2/],
    ['JSON', text('{"a": 1}'), /JSON text/],
    ['text', text('12:00:01 IP 10.0.0.1 > 10.0.0.2'), / text: write a capture with "tcpdump -w FILE"/],
    ['zeros', new Uint8Array(100), /nothing but zeros/],
    ['snoop', text('snoop\0\0\0\0\0\0\x02'), /snoop/],
    ['other bytes', Uint8Array.of(1, 2, 0xff, 4, 5, 6, 7, 8, 9), /begins with 01 02 ff 04 05 06 07 08; pcap and pcapng are read/],
    ['pcap of another major version', pcap([], { major: 3 }), /pcap of version 3/],
    ['pcapng of another version', sectionHeader({ minor: 3 }), /pcapng section of version 1\.3/],
    ['a section header without byte order', Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a, ...filler(24)), /byte-order magic/],
  ];
  for (const [name, content, words] of cases) {
    it(`is refused by name: ${name}`, () => {
      expect(() => collect([content])).to.throw(UnrecognisedCapture, words);
      const bytewise = Array.from(content, (byte) => Uint8Array.of(byte));
      expect(() => collect(bytewise)).to.throw(UnrecognisedCapture);
    });
  }
});
