import { expect } from 'chai';
import { formatListenAddress, parseListenAddress } from '../../../../src/node/live/metrics/address.ts';

describe('Address to listen on', () => {
  const accepted: [string, string, number, string][] = [
    ['127.0.0.1:9469', '127.0.0.1', 9469, '127.0.0.1:9469'],
    ['0.0.0.0:1', '0.0.0.0', 1, '0.0.0.0:1'],
    ['[::1]:9469', '::1', 9469, '[::1]:9469'],
    ['[::]:65535', '::', 65_535, '[::]:65535'],
    ['localhost:0', 'localhost', 0, 'localhost:0'],
    // Only who names another address opens it to others.
    [':9469', '127.0.0.1', 9469, '127.0.0.1:9469'],
  ];
  for (const [text, host, port, written] of accepted) {
    it(`reads ${text}`, () => {
      expect(parseListenAddress(text)).to.deep.equal({ host, port });
      expect(formatListenAddress({ host, port })).to.equal(written);
    });
  }

  const refused: [string, RegExp][] = [
    ['9469', /HOST:PORT, such as 127\.0\.0\.1:9469/],
    ['127.0.0.1', /HOST:PORT/],
    ['127.0.0.1:', /HOST:PORT/],
    ['127.0.0.1:http', /HOST:PORT/],
    ['127.0.0.1:-1', /HOST:PORT/],
    ['127.0.0.1:65536', /a port is a number up to 65535/],
    ['127.0.0.1:123456', /HOST:PORT/],
    ['::1:9469', /IPv6 address in brackets, such as \[::1\]:9469/],
    ['::1', /IPv6 address in brackets/],
    ['[127.0.0.1]:9469', /only an IPv6 address stands in brackets/],
    ['[]:9469', /only an IPv6 address stands in brackets/],
    ['[::1]', /HOST:PORT/],
    ['http://127.0.0.1:9469', /HOST:PORT/],
    ['a b:1', /neither an IP address nor the name/],
    ['a/b:1', /neither an IP address nor the name/],
    ['', /HOST:PORT/],
  ];
  for (const [text, pattern] of refused) {
    it(`refuses "${text}" in one line`, () => {
      expect(() => parseListenAddress(text)).to.throw(pattern).with.property('message').that.matches(/^--metrics [^\n]*$/);
    });
  }
});
