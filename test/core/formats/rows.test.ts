import { expect } from 'chai';
import { csvField, flowsCsv } from '../../../src/core/formats/flows-csv.ts';
import { flowsText } from '../../../src/core/formats/flows-text.ts';
import type { RowFormat } from '../../../src/core/formats/format.ts';
import { PLAIN } from '../../../src/core/formats/format.ts';
import { FLOW_FORMATS, REPORT_FORMATS, STATE_FORMATS, TIMELINE_FORMATS } from '../../../src/core/formats/index.ts';
import { flowsNdjson, ndjsonRows, packetsNdjson, timelineNdjson } from '../../../src/core/formats/ndjson-rows.ts';
import { socketChangesText } from '../../../src/core/formats/socket-changes-text.ts';
import { statesText } from '../../../src/core/formats/states-text.ts';
import { timelineText } from '../../../src/core/formats/timeline-text.ts';
import type { FlowRow, PacketRow, SocketChangeRow, StateRow, TimelineRow } from '../../../src/core/report/rows.ts';
import { sampleFlow } from '../../support/sample-flow.ts';
import { SAMPLE_START as START } from '../../support/sample-report.ts';

/** One that is over, with another port, and numbers that have to be written in full. */
function flowRow(changes: Partial<FlowRow> = {}): FlowRow {
  return sampleFlow(3, {
    client: '10.0.0.9:51514',
    outcome: 'closed',
    client_state: 'TIME_WAIT',
    server_state: 'CLOSED',
    handshake: { synack_seconds: 0.0001, ack_seconds: null },
    packets: [6, 1234],
    bytes: [100, 20_000],
    retransmitted: [0, 1],
    conn_state: 'SF',
    history: 'ShADadfF',
    ...changes,
  });
}

function stateRow(changes: Partial<StateRow> = {}): StateRow {
  return {
    t_ns: START,
    local: '10.0.0.5:8080',
    remote: '10.0.0.9:51514',
    state: 'CLOSE_WAIT',
    possible: ['CLOSE_WAIT'],
    since_ns: START - 90_000_000_000n,
    age_seconds: 90,
    flow: 3,
    proof: 9,
    send_queue_bytes: 1448,
    ...changes,
  };
}

function timelineRow(changes: Partial<TimelineRow> = {}): TimelineRow {
  return { t_ns: START, packet: 12, flow: 3, local: '10.0.0.5:8080', remote: '10.0.0.9:51514', state: 'CLOSE_WAIT', possible: ['CLOSE_WAIT'], ...changes };
}

function write<Row>(format: RowFormat<Row>, rows: readonly Row[], width = 100): string {
  const writer = format.open({ ...PLAIN, width });
  return rows.map((row) => writer.write(row)).join('') + writer.end();
}

describe('flow rows', () => {
  it('are a table that fits into its width', () => {
    const rows = [flowRow(), flowRow({ flow: 12_345, client: '[2001:db8::1]:51514', direction: 'inferred', findings: ['rst-after-fin', 'close-wait-leak'] })];
    for (const width of [60, 80, 120, 200]) {
      for (const line of write(flowsText, rows, width).split('\n')) expect(line.length, line).to.be.at.most(width);
    }
    const wide = write(flowsText, rows, 250).split('\n');
    expect(wide[1]).to.match(
      /^ {4}3 {2}2024-05-01T12:00:03\.123456789Z {2}10\.0\.0\.9:51514 +10\.0\.0\.5:8080 +closed +TIME_WAIT +CLOSED +2\.5 s +6 \/ 1,234 +100 B \/ 20 kB +0 \/ 1 +ShADadfF$/,
    );
    expect(wide[2]).to.include('10.0.0.5:8080 ?').and.to.match(/rst-after-fin, close-wait-leak$/);
  });

  it('are NDJSON in the order of the contract', () => {
    expect(write(flowsNdjson, [flowRow()])).to.equal(
      `{"flow":3,"client":"10.0.0.9:51514","server":"10.0.0.5:8080","start_ns":${START},"end_ns":1714564805623456789,"duration":2.5,"outcome":"closed",` +
        '"client_state":"TIME_WAIT","server_state":"CLOSED","closed_first":"client","handshake":{"synack_seconds":0.0001,"ack_seconds":null},' +
        '"packets":[6,1234],"bytes":[100,20000],"retransmitted":[0,1],"conn_state":"SF","history":"ShADadfF","direction":"seen","direction_confidence":1,' +
        '"vlan":null,"tunnel":null,"findings":[]}\n',
    );
  });

  it('are CSV with a header, of one width', () => {
    const [header, row, rest] = write(flowsCsv, [flowRow({ findings: ['a', 'b'] })]).split('\r\n');
    expect(header.split(',').length).to.equal(row.split(',').length);
    expect(row).to.equal(
      `3,10.0.0.9:51514,10.0.0.5:8080,${START},1714564805623456789,2.5,closed,TIME_WAIT,CLOSED,client,0.0001,,6,1234,100,20000,0,1,SF,ShADadfF,seen,1,,,a b`,
    );
    expect(rest).to.equal('');
  });

  it('are a lone header without a flow', () => {
    expect(write(flowsCsv, [])).to.match(/^flow,client,.*,findings\r\n$/);
  });

  it('quote in CSV what RFC 4180 says must be quoted', () => {
    expect(['plain', 'a,b', 'say "no"', 'two\nlines', null, 5n].map(csvField)).to.deep.equal(['plain', '"a,b"', '"say ""no"""', '"two\nlines"', '', '5']);
  });

  it('stream: a long table is not held back', () => {
    const writer = flowsText.open(PLAIN);
    let held = 0;
    while (writer.write(flowRow()) === '') held++;
    expect(held).to.be.below(1000);
    expect(writer.write(flowRow({ flow: 77 }))).to.match(/^ *77 .*\n$/);
    expect(writer.end()).to.equal('');
  });
});

describe('state rows', () => {
  it('have the shape of ss -tan, with age and proof', () => {
    const [titles, row, footer] = write(statesText, [stateRow()]).split('\n');
    expect(titles).to.match(/^State +Recv-Q +Send-Q +Local Address:Port +Peer Address:Port +Age +Proof +Flow$/);
    expect(row).to.match(/^CLOSE_WAIT +- +1448 +10\.0\.0\.5:8080 +10\.0\.0\.9:51514 +1 min 30 s +#9 +3$/);
    expect(footer).to.equal('1 socket at 2024-05-01T12:00:03.123456789Z: CLOSE_WAIT 1');
  });

  it('mark what the capture does not settle', () => {
    expect(write(statesText, [stateRow({ possible: ['ESTABLISHED', 'CLOSE_WAIT'] })])).to.include('CLOSE_WAIT ?');
  });

  it('mark a TIME_WAIT that Linux has dropped', () => {
    const expired = (age_seconds: number): boolean => write(statesText, [stateRow({ state: 'TIME_WAIT', age_seconds })]).includes('(expired on Linux)');
    expect(expired(60)).to.equal(false);
    expect(expired(60.5)).to.equal(true);
  });

  it('say which other states only a timer of Linux can have ended', () => {
    const words = (state: string, age_seconds: number): string | undefined =>
      /\((expired[^)]*)\)/.exec(write(statesText, [stateRow({ state, age_seconds })], 140))?.[1];
    expect([words('SYN_SENT', 127), words('SYN_SENT', 128)]).to.deep.equal([undefined, 'expired on Linux']);
    expect([words('SYN_RECEIVED', 63), words('SYN_RECEIVED', 64)]).to.deep.equal([undefined, 'expired on Linux']);
    expect(words('FIN_WAIT_2', 61)).to.equal('expired on Linux unless half-closed');
    expect([words('ESTABLISHED', 1e6), words('CLOSE_WAIT', 1e6), words('LAST_ACK', 1e6)]).to.deep.equal([undefined, undefined, undefined]);
  });

  it('leave the send queue open where the wire does not show it', () => {
    expect(write(statesText, [stateRow({ send_queue_bytes: null })]).split('\n')[1]).to.match(/^CLOSE_WAIT +- +- +10/);
  });

  it('count the states in as many lines as it takes', () => {
    const rows = ['ESTABLISHED', 'FIN_WAIT_2', 'CLOSE_WAIT', 'TIME_WAIT'].map((state) => stateRow({ state }));
    expect(write(statesText, rows, 60).split('\n').slice(-3)).to.deep.equal([
      '4 sockets at 2024-05-01T12:00:03.123456789Z: ESTABLISHED 1,', 'FIN_WAIT_2 1, CLOSE_WAIT 1, TIME_WAIT 1', '',
    ]);
  });

  it('count none', () => {
    expect(write(statesText, []).split('\n').at(-2)).to.equal('0 sockets');
  });
});

describe('timeline rows', () => {
  it('are NDJSON in the order of the contract', () => {
    expect(write(ndjsonRows, [timelineRow()])).to.equal(
      `{"t_ns":${START},"packet":12,"flow":3,"local":"10.0.0.5:8080","remote":"10.0.0.9:51514","state":"CLOSE_WAIT","possible":["CLOSE_WAIT"]}\n`,
    );
  });

  it('name in the table what else is possible', () => {
    expect(write(timelineText, [timelineRow({ possible: ['ESTABLISHED', 'CLOSE_WAIT'] })], 140).split('\n')[1]).to.match(/CLOSE_WAIT +ESTABLISHED$/);
  });

  it('have the time of day alone where a date would leave no room for the state', () => {
    const row = timelineRow({ local: '192.168.100.100:51514', state: 'SYN_RECEIVED', possible: ['SYN_RECEIVED'] });
    expect(write(timelineText, [row], 60).split('\n')[1]).to.equal('12:00:03.123456789Z  192.168.100.100:51514  SYN_RECEIVED');
    expect(write(timelineText, [row], 68).split('\n')[1]).to.match(/^2024-05-01T12:00:03\.123456789Z  192\.168\.100\.100:51514  SYN_RECEIVED$/);
  });
});

describe('rows spelt out', () => {
  const odd = 'na"me\\ \u0007\u009f é';
  const packet: PacketRow = {
    packet: 12, t_ns: START, flow: 3, from: '10.0.0.9:51514', to: '[2001:db8::1]:443', flags: 'PA', seq: 4_294_967_295, ack: 0, len: 1448, win: 65_535,
    labels: ['retransmission', 'dsack'], sender_state: 'ESTABLISHED', receiver_state: 'UNSEEN', confidence: { retransmission: 'high', loss: 'medium', dsack: 'low' }, loss: 'upstream',
  };

  it('have the bytes of rows written member by member', () => {
    for (const row of [packet, { ...packet, labels: [], confidence: {}, loss: null }, { ...packet, labels: ['hole'], flags: '' }, { ...packet, from: odd, labels: [odd, odd], t_ns: -1n }]) {
      expect(write(packetsNdjson, [row])).to.equal(write(ndjsonRows, [row]));
    }
    const flows = [flowRow(), flowRow({ closed_first: null, vlan: 5, tunnel: `vxlan ${odd}`, findings: ['rst-after-fin', odd], client: odd, history: odd, duration: 1e-9 })];
    for (const row of flows) expect(write(flowsNdjson, [row])).to.equal(write(ndjsonRows, [row]));
    for (const row of [timelineRow(), timelineRow({ possible: ['A', 'B'] }), timelineRow({ possible: [], local: odd, state: odd, t_ns: 0n })]) {
      expect(write(timelineNdjson, [row])).to.equal(write(ndjsonRows, [row]));
    }
  });
});

describe('rows of changed sockets', () => {
  const row: SocketChangeRow = {
    change: 'changed', local: '10.0.0.5:8080', remote: '10.0.0.9:51514', was: 'ESTABLISHED', is: 'CLOSE_WAIT', possible: ['ESTABLISHED', 'CLOSE_WAIT'],
    since_ns: START, flow: 3, proof: 9,
  };

  it('are marked with what happened, and counted', () => {
    const rows: SocketChangeRow[] = [{ ...row, change: 'appeared', was: null, possible: ['CLOSE_WAIT'] }, row, { ...row, change: 'went', is: null }];
    const [titles, plus, tilde, minus, footer] = write(socketChangesText, rows, 120).split('\n');
    expect(titles).to.match(/^ +Was +Is +Local Address:Port +Peer Address:Port +Since +Proof +Flow$/);
    expect(plus).to.match(/^\+ +CLOSE_WAIT +10\.0\.0\.5:8080 +10\.0\.0\.9:51514 +2024-05-01T12:00:03\.123456789Z +#9 +3$/);
    expect(tilde).to.match(/^~ +ESTABLISHED +CLOSE_WAIT \? +10/);
    expect(minus).to.match(/^- +ESTABLISHED +10\.0\.0\.5:8080 /);
    expect(footer).to.equal('appeared 1, changed 1, went 1');
    expect(write(socketChangesText, [])).to.match(/nothing changed\n$/);
  });
});

describe('formats', () => {
  for (const [command, formats] of Object.entries({ audit: REPORT_FORMATS, flows: FLOW_FORMATS, states: STATE_FORMATS, timeline: TIMELINE_FORMATS })) {
    it(`of ${command} have names of their own`, () => {
      const names = formats.map(({ name }) => name);
      expect(new Set(names).size).to.equal(names.length);
      expect(names[0]).to.equal('text');
    });
  }
});
