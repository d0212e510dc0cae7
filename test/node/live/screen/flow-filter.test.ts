import { expect } from 'chai';
import { FilterError, parseFlowFilter } from '../../../../src/node/live/screen/flow-filter.ts';
import { sampleFlow } from '../../../support/sample-flow.ts';


const ROWS = [
  sampleFlow(1, { client: '10.1.2.3:40001', server: '10.0.0.5:8080', client_state: 'FIN_WAIT_2', server_state: 'CLOSE_WAIT', outcome: 'half-closed' }),
  sampleFlow(2, { client: '192.168.7.9:40002', server: '10.0.0.5:443', client_state: 'ESTABLISHED', server_state: 'ESTABLISHED', outcome: 'open' }),
  sampleFlow(3, { client: '[2001:db8::7]:40003', server: '[2001:db8:1::5]:8099', client_state: 'CLOSED', server_state: 'CLOSED', outcome: 'reset', findings: ['rst-abort'] }),
  sampleFlow(4, { client: '11.0.0.1:8080', server: '172.16.0.1:22', client_state: 'FIN_WAIT_1', server_state: 'LAST_ACK', outcome: 'closed' }),
];

function matching(filter: string): number[] {
  const test = parseFlowFilter(filter);
  return ROWS.filter((row) => test === null || test(row)).map(({ flow }) => flow);
}

describe('the filter of flows', () => {
  const EXAMPLES: readonly (readonly [filter: string, flows: readonly number[]])[] = [
    ['', [1, 2, 3, 4]],
    ['   ', [1, 2, 3, 4]],
    ['state:CLOSE_WAIT', [1]],
    ['state:close-wait', [1]],
    ['state:FIN_WAIT', [1, 4]],
    ['state:CLOSED', [3]],
    ['state:ESTABLISHED,LAST_ACK', [2, 4]],
    ['port:8080', [1, 4]],
    ['port:8000-8099', [1, 3, 4]],
    ['port:80', []],
    ['host:10.0.0.0/8', [1, 2]],
    ['host:10.0.0.5', [1, 2]],
    ['host:10.0.0.5/32', [1, 2]],
    ['host:0.0.0.0/0', [1, 2, 4]],
    ['host:2001:db8::/32', [3]],
    ['host:[2001:db8::7]', [3]],
    ['host:2001:db8:1::/48', [3]],
    ['host:2001:db8:2::/48', []],
    ['host:::/0', [1, 2, 3, 4]],
    ['host:8.0.0.0/6', [1, 2, 4]],
    ['outcome:reset', [3]],
    ['outcome:reset,open', [2, 3]],
    ['outcome:half', [1]],
    ['rule:rst-abort', [3]],
    ['state:CLOSE_WAIT port:8080 host:10.0.0.0/8', [1]],
    ['port:8080 host:11.0.0.0/8', [4]],
    ['-state:CLOSED', [1, 2, 4]],
    ['!port:8080 -host:10.0.0.0/8', [3]],
    ['192.168', [2]],
    [':443', [2]],
    ['2001:db8', [3]],
    ['-10.0.0.5', [3, 4]],
  ];
  for (const [filter, flows] of EXAMPLES) it(JSON.stringify(filter), () => expect(matching(filter)).to.deep.equal(flows));

  const FAULTS: readonly (readonly [filter: string, message: RegExp])[] = [
    ['state:CLOSE_WIAT', /^state:CLOSE_WIAT: no such state; did you mean CLOSE_WAIT\?$/],
    ['state:', /^state: needs a value, as in state:CLOSE_WAIT$/],
    ['prot:80', /^prot: no such field; did you mean port\?$/],
    ['xyz:80', /^xyz: no such field; the fields are state, port, host, outcome, rule$/],
    ['constructor:1', /^constructor: no such field/],
    ['server', /^server: write FIELD:VALUE \(fields: state, port, host, outcome, rule\) or part of an address$/],
    ['port:http', /^port:http: write a port from 0 to 65535, or a range as 8000-8099$/],
    ['port:65536', /^port:65536: write a port/],
    ['port:90-80', /^port:90-80: write a port/],
    ['host:example.org', /^host:example\.org: write an address or a network/],
    ['host:10.0.0.0/33', /^host:10\.0\.0\.0\/33: write an address or a network/],
    ['host:10.0.0', /^host:10\.0\.0: write an address or a network/],
    ['outcome:rest', /^outcome:rest: no such outcome; did you mean reset\?$/],
    ['outcome:un', /^outcome:un: no such outcome; unanswered or unfinished-handshake\?$/],
    ['rule:close-wait-leek', /^rule:close-wait-leek: no such rule; did you mean close-wait-leak\?$/],
    ['rule:zzz', /^rule:zzz: no such rule; synoptic rules lists them$/],
    ['port:80 state:nix', /^state:nix: no such state/],
  ];
  for (const [filter, message] of FAULTS) it(`says what is wrong with ${filter}`, () => expect(() => parseFlowFilter(filter)).to.throw(FilterError, message));
});
