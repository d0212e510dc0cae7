import { expect } from 'chai';
import { endpointParts } from '../../src/core/endpoint-parts.ts';

describe('parts of an endpoint', () => {
  it('are an address and a port, IPv6 without brackets', () => {
    expect(endpointParts('192.0.2.1:443')).to.deep.equal({ host: '192.0.2.1', port: '443' });
    expect(endpointParts('[2001:db8::1]:8080')).to.deep.equal({ host: '2001:db8::1', port: '8080' });
    expect(endpointParts('[::]:0')).to.deep.equal({ host: '::', port: '0' });
  });
});
