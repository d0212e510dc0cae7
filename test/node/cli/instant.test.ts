import { expect } from 'chai';
import { parseHost, parseInstant } from '../../../src/node/cli/instant.ts';

describe('--at', () => {
  it('reads times after the first packet', () => {
    expect(parseInstant('+12.5s', '--at')).to.deep.equal({ kind: 'relative', ns: 12_500_000_000n });
    expect(parseInstant('+5m', '--at')).to.deep.equal({ kind: 'relative', ns: 300_000_000_000n });
    expect(parseInstant('+1h30m', '--at')).to.deep.equal({ kind: 'relative', ns: 5_400_000_000_000n });
    expect(parseInstant('+1h0.5m2s', '--at')).to.deep.equal({ kind: 'relative', ns: 3_632_000_000_000n });
    expect(parseInstant('+250ms', '--at')).to.deep.equal({ kind: 'relative', ns: 250_000_000n });
    expect(parseInstant('+1.5us', '--at')).to.deep.equal({ kind: 'relative', ns: 1500n });
    expect(parseInstant('+2µs7ns', '--at')).to.deep.equal({ kind: 'relative', ns: 2007n });
    expect(parseInstant('+0.000000001', '--at')).to.deep.equal({ kind: 'relative', ns: 1n });
  });

  it('reads seconds since the epoch to the nanosecond', () => {
    expect(parseInstant('1714564803.123456789', '--at')).to.deep.equal({ kind: 'epoch', ns: 1_714_564_803_123_456_789n });
  });

  it('reads ISO times; without a zone they are UTC', () => {
    const ns = 1_714_564_803_123_456_789n;
    for (const text of ['2024-05-01T12:00:03.123456789Z', '2024-05-01 12:00:03.123456789', '2024-05-01T14:00:03.123456789+02:00', '2024-05-01T07:30:03.123456789-0430']) {
      expect(parseInstant(text, '--at'), text).to.deep.equal({ kind: 'epoch', ns });
    }
    expect(parseInstant('2024-05-01', '--at')).to.deep.equal({ kind: 'epoch', ns: 1_714_521_600_000_000_000n });
  });

  it('refuses anything else and says what it takes', () => {
    for (const text of ['soon', '12:30', '-5s', '+', '+5x', '+m', '+1h 30m', '+1h30', '+.5s', '5m', '2024-13-01', '1e9', '2024-05-01T25:00']) {
      expect(() => parseInstant(text, '--at'), text).to.throw(/not a time; use \+12\.5s/);
    }
  });
});

describe('--host', () => {
  it('takes any spelling of an address', () => {
    expect(parseHost('10.0.0.5')).to.equal('10.0.0.5');
    expect(parseHost('2001:DB8:0:0::1')).to.equal('2001:db8::1');
    expect(parseHost('[2001:db8::1]')).to.equal('2001:db8::1');
  });

  it('refuses a name', () => {
    expect(() => parseHost('localhost')).to.throw('--host localhost: not an IP address');
  });
});
