import { expect } from 'chai';
import { CaptureClock } from '../../../src/core/capture/clock.ts';
import { Columns } from '../../../src/core/flow/columns.ts';
import { Connections } from '../../../src/core/flow/connections.ts';
import { FlowTable } from '../../../src/core/flow/table.ts';
import { segmentOf } from './segments.ts';

describe('flow: numbers of endpoints and hosts', () => {
  const CLIENTS = ['10.0.0.1:40000', '10.0.0.2:40000', '10.0.0.1:40001'] as const;
  const SERVER = '198.51.100.1:443';
  let table: FlowTable;
  let connections: Connections;

  function add(client: string): number {
    const segment = segmentOf(client, SERVER);
    table.find(segment);
    return table.add(segment, -1);
  }

  beforeEach(() => {
    const columns = new Columns();
    table = new FlowTable(columns);
    connections = new Connections(columns, new CaptureClock());
  });

  it('are the same in every flow that has the end, and lead back to it', () => {
    const flows = CLIENTS.map(add);
    for (let round = 0; round < 2; round += 1) {
      expect(flows.map((flow) => connections.endpointIndex(flow, 1))).to.deep.equal([0, 0, 0]);
      expect(flows.map((flow) => connections.endpointIndex(flow, 0))).to.deep.equal([1, 2, 3]);
      expect(flows.map((flow) => connections.hostIndex(flow, 0))).to.deep.equal([0, 1, 0]);
      expect(flows.map((flow) => connections.hostIndex(flow, 1))).to.deep.equal([2, 2, 2]);
    }
    expect([connections.nameOfEndpoint(3), connections.nameOfHost(1), connections.nameOfHost(2)]).to.deep.equal(['10.0.0.1:40001', '10.0.0.2', '198.51.100.1']);
  });

  it('are not those of the flow that had the slot before', () => {
    const former = add(CLIENTS[0]);
    expect([connections.endpointIndex(former, 0), connections.hostIndex(former, 0)]).to.deep.equal([0, 0]);
    table.release(former);
    const flow = add(CLIENTS[1]);
    expect(flow).to.equal(former);
    expect([connections.endpointIndex(flow, 0), connections.hostIndex(flow, 0)]).to.deep.equal([1, 1]);
  });

  it('that were given for the moment are forgotten, and may be those of others', () => {
    const [one, other] = [add(CLIENTS[0]), add(CLIENTS[1])];
    const moment = connections.unnumbered(() => [connections.endpointIndex(one, 0), connections.endpointIndex(other, 0), connections.hostIndex(one, 0), connections.hostIndex(other, 0)]);
    expect(moment).to.deep.equal([0, 1, 0, 1]);
    expect([connections.endpointIndex(other, 0), connections.endpointIndex(one, 0), connections.hostIndex(other, 0), connections.hostIndex(one, 0)]).to.deep.equal([0, 1, 0, 1]);
  });
});
