import { expect } from 'chai';
import fc from 'fast-check';
import { type Analysis, analyse } from '../support/analyse.ts';
import { icmpError, ethernet, mss, tcpFrame, tcpPacket, timestamps } from '../support/packets.ts';
import type { PcapPacket } from '../support/pcap-writer.ts';
import { captureFile, EPOCH } from '../support/simulation/conversations.ts';

const ENDS = ['192.0.2.1:1', '192.0.2.1:40000', '192.0.2.2:80', '192.0.2.2:40000', '[2001:db8::1]:1', '[2001:db8::1]:443'] as const;
const FLAGS = ['', 'S', 'SA', 'A', 'PA', 'F', 'FA', 'FPA', 'R', 'RA', 'SF', 'SR', 'SFRPAUEC', 'FPU', 'U'] as const;

/** Numbers that lie close together, or at the ends of the range, or anywhere. */
const number32 = fc.oneof(fc.integer({ min: 1000, max: 1010 }), fc.constantFrom(0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff), fc.integer({ min: 0, max: 0xffff_ffff }));

/** From microseconds to days, and now and then back. */
const delay = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 2_000_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 100 }).map((seconds) => seconds * 1e9) },
  { weight: 1, arbitrary: fc.integer({ min: -5_000, max: 5_000 }).map((seconds) => seconds * 1e9) },
);

const segment = fc.record({
  from: fc.constantFrom(...ENDS),
  to: fc.constantFrom(...ENDS),
  flags: fc.constantFrom(...FLAGS),
  seq: number32,
  ack: number32,
  window: fc.constantFrom(0, 1, 502, 65_535),
  payload: fc.constantFrom(0, 0, 1, 2, 10, 1460),
  options: fc.constantFrom([], [mss(1460)], [timestamps(5, 6)], [Uint8Array.of(3, 3, 255)], [Uint8Array.of(8, 2)], [Uint8Array.of(2, 0)]),
  id: fc.integer({ min: 0, max: 3 }),
  ttl: fc.constantFrom(1, 64, 255),
  checksum: fc.constantFrom('good' as const, 'bad' as const, 0),
  icmp: fc.oneof({ weight: 9, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 12 }) }),
  delay,
});

/** A capture of segments that no two ends would exchange. */
const garbage = fc.array(segment, { maxLength: 80 }).map((segments) => {
  let time = EPOCH;
  return segments
    .filter(({ from, to }) => from.includes('[') === to.includes('['))
    .map(({ delay: after, icmp, ...fields }): PcapPacket => {
      time += BigInt(after);
      if (icmp < 0) return { time, data: tcpFrame(fields) };
      const [from, to] = fields.from.includes('[') ? ['2001:db8::9', '2001:db8::1'] : ['192.0.2.9', '192.0.2.1'];
      return { time, data: ethernet(icmpError({ from, to, type: 3, code: icmp }, tcpPacket(fields))) };
    });
});

function expectConsistent({ report, open, timeline }: Analysis): void {
  const { capture, totals, series } = report;
  const { read, analysed, left_out: leftOut } = capture.packets;
  expect(analysed + Object.values(leftOut).reduce((sum, count) => sum + count, 0)).to.equal(read);
  for (const populations of Object.values(series.states)) for (const population of populations) expect(population).to.be.at.least(0);
  const known = open.flatMap(({ client_state: one, server_state: other }) => [one, other]).filter((state) => state !== 'UNSEEN');
  expect(Object.values(totals.states_at_end).reduce((sum, count) => sum + count, 0)).to.equal(known.length);
  expect(Object.values(totals.outcomes).reduce((sum, count) => sum + count, 0)).to.equal(totals.flows);
  for (const { peak_states: peaks, states_at_end: atEnd } of report.servers) {
    for (const [state, count] of Object.entries(atEnd)) expect(count).to.be.within(1, peaks[state] ?? 0);
  }
  for (const { state, possible } of timeline) expect(possible).to.include(state);
}

describe('segments that make no sense', () => {
  it('are counted, and break nothing', () => {
    fc.assert(fc.property(garbage, (packets) => expectConsistent(analyse([captureFile(packets)]))), { seed: 20_260_301, numRuns: 150 });
  });

  it('with room for two flows, too', () => {
    fc.assert(fc.property(garbage, (packets) => expectConsistent(analyse([captureFile(packets)], { set: { 'flows.maximum': 2 } }))), { seed: 20_260_302, numRuns: 75 });
  });
});
