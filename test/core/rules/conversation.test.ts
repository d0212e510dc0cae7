import { expect } from 'chai';
import fc from 'fast-check';
import { conversation } from '../../../src/core/rules/conversation.ts';
import type { ConversationSegment } from '../../../src/core/rules/conversation.ts';
import { captureOf } from '../../support/conversation-frames.ts';
import { ConversationError } from '../../../src/core/rules/errors.ts';

function numbers(segments: readonly ConversationSegment[]): string[] {
  return segments.map(({ time, source, seq, ack, payload }) => `${time / 1e6} ${source.port} ${seq} ${ack} ${payload}`);
}

describe('conversation', () => {
  it('gives each end its natural numbers, through handshake, data and close', () => {
    const segments = conversation(`
      C > S  SYN
      S > C  SYN ACK
      C > S  ACK
      C > S  PSH ACK 100          # a request
      +0.040 S > C ACK
      +5     S > C FIN ACK
      C > S  FIN ACK
      S > C  ACK`);
    expect(numbers(segments)).to.deep.equal([
      '0 40000 1000 0 0',
      '1 443 5000 1001 0',
      '2 40000 1001 5001 0',
      '3 40000 1001 5001 100',
      '43 443 5001 1101 0',
      '5043 443 5001 1101 0',
      '5044 40000 1101 5002 0',
      '5045 443 5002 1102 0',
    ]);
    expect(segments[0]).to.include({ mss: 1460, windowScale: 7, sackPermitted: true, window: 64_240 });
    expect(segments[1]?.timestamps).to.deep.equal({ value: 100_001, echo: 100_000 });
    expect(segments.map(({ ipId }) => ipId)).to.deep.equal([1, 1, 2, 3, 2, 3, 4, 4]);
  });

  it('takes forced, relative and repeated numbers', () => {
    const segments = conversation(`
      S = 198.51.100.1:8080 ttl=57
      C > S  SYN
      S > C  SYN ACK ack=+1
      C > S  SYN again
      C > S  PSH ACK 10
      C > S  PSH ACK 10 again
      C > S  PSH ACK 20 seq=+5000
      C > S  ACK
      S > C  RST seq=77 win=3 ts=0`);
    expect(segments.map(({ seq, ack, ttl }) => `${seq} ${ack} ${ttl}`)).to.deep.equal([
      '1000 0 64',
      '5000 1002 57',
      '1000 0 64',
      '1001 5001 64',
      '1001 5001 64',
      '6011 5001 64',
      '1011 5001 64',
      '77 0 57',
    ]);
    expect(segments.at(-1)).to.include({ window: 3, timestamps: null });
  });

  it('moves on over what the capture missed', () => {
    const segments = conversation('C > S SYN; S > C SYN ACK; C > S ACK; ~ C > S PSH ACK 500; S > C ACK');
    expect(numbers(segments)).to.deep.equal(['0 40000 1000 0 0', '1 443 5000 1001 0', '2 40000 1001 5001 0', '4 443 5001 1501 0']);
  });

  it('repeats with other hosts and with other ports, rounds overlapping', () => {
    const hosts = conversation('repeat 3 every 0.001 { C# > S SYN; +0.01 S > C# SYN ACK }');
    expect(hosts.map(({ time, source, destination }) => `${time / 1e6} ${source.address} ${destination.address}`)).to.deep.equal([
      '0 198.18.0.1 198.51.100.1',
      '1 198.18.0.2 198.51.100.1',
      '2 198.18.0.3 198.51.100.1',
      '10 198.51.100.1 198.18.0.1',
      '11 198.51.100.1 198.18.0.2',
      '12 198.51.100.1 198.18.0.3',
    ]);
    const ports = conversation('repeat 2 { C:# > S SYN }\n+1 C > S SYN');
    expect(numbers(ports)).to.deep.equal(['0 40001 1000 0 0', '1 40002 1000 0 0', '1002 40000 1000 0 0']);
  });

  it('begins a new incarnation with a later initial sequence number', () => {
    expect(conversation('C > S SYN; C > S SYN').map(({ seq }) => seq)).to.deep.equal([1000, 10_001_000]);
  });

  it('quotes the last segment in an ICMP error', () => {
    const [, error] = conversation('C > S SYN; R > C ICMP 3/1 S');
    expect(error).to.deep.include({ seq: 1000, icmp: { type: 3, code: 1, reporter: { address: '203.0.113.82', port: 40_000 }, receiver: { address: '192.0.2.10', port: 40_000 } } });
  });

  const WRONG: [string, number, RegExp][] = [
    ['C > S SYM', 1, /"SYM" is not understood/],
    ['C > S SYN\nC > S 100', 2, /no flags/],
    ['C > S SYN\n\nfoo', 3, /expected "A > B FLAGS"/],
    ['repeat x { }', 1, /expected "repeat N/],
    ['repeat 2 { C > S SYN', 1, /without "}"/],
    ['C > S SYN }', 1, /"}" without/],
    ['C > S ACK again', 1, /not "again"/],
    ['c > S ACK', 1, /no name of an end/],
    ['C > S ICMP 3', 1, /ICMP TYPE/],
    ['S = 192.0.2.1:70000', 1, /beyond 65535/],
    ['C > S SYN\nC > S SYN nop=41', 2, /nop=41 does not fit: at most 40/],
    ['C > S SYN cookie=300', 1, /cookie=300 does not fit: at most 38/],
    ['C > S SYN win=65536', 1, /win=65536 does not fit: at most 65535, and not below 0/],
    ['C > S SYN ttl=-65', 1, /ttl=-1 does not fit/],
    ['C > S SYN; C > S SYN again ttl=256', 1, /ttl=256 does not fit/],
    ['C > S SYN reserved=8', 1, /reserved=8 does not fit: at most 7/],
    ['C > S SYN\nR > C ICMP 3/256 S', 2, /at most 255/],
  ];
  for (const [text, line, problem] of WRONG) {
    it(`names the line of ${JSON.stringify(text)}`, () => {
      expect(() => conversation(text))
        .to.throw(ConversationError, problem)
        .with.property('line', line);
    });
  }

  it('names the line whose TCP options do not fit together', () => {
    expect(() => captureOf('C > S SYN; S > C SYN ACK\nC > S SYN nop=30'))
      .to.throw(ConversationError, /line 2: 52 bytes of TCP options; at most 40 fit/)
      .with.property('line', 2);
    // MSS 4, SACK permitted 2, timestamps 12, window scale 4, cookie 2 + 16.
    expect(() => captureOf('C > S SYN cookie=16')).not.to.throw();
    expect(() => captureOf('C > S SYN cookie=17')).to.throw(ConversationError, /41 bytes/);
  });

  it('names the line that sends to what is no address', () => {
    expect(() => captureOf('S = 300.0.2.1:80\nC > S SYN'))
      .to.throw(ConversationError, /"300.0.2.1" is no address/)
      .with.property('line', 2);
  });

  it('parses any text or names the line: nothing else', () => {
    const words = fc.constantFrom('C > S', 'S > C', 'SYN', 'ACK', 'again', '+1', '~', 'repeat 2 {', '}', ';', '\n', '# x', 'seq=+1', 'ttl=3', '77', 'C# >', 'ICMP 3/1 S', 'S = 1.2.3.4:5');
    fc.assert(
      fc.property(fc.array(words, { maxLength: 25 }), (parts) => {
        try {
          for (const segment of conversation(parts.join(' '))) expect(segment.seq).to.be.within(0, 0xffffffff);
        } catch (error) {
          expect(error).to.be.instanceOf(ConversationError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
