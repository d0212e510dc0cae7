import { expect } from 'chai';
import fc from 'fast-check';
import { Engine, type Finding, type PacketRow } from '../../src/core/index.ts';
import { type Analysis, analyse, toJson } from '../support/analyse.ts';
import { repeated, routed, tagged } from '../support/mutate.ts';
import type { PcapPacket } from '../support/pcap-writer.ts';
import { captureFile, capturePackets, converse, type Fate, plans } from '../support/simulation/conversations.ts';

const FATES: readonly Fate[] = ['lost-upstream', 'lost-downstream', 'missed', 'twice', 'late', 'stale'];

/** What a capture point saw of a few conversations at once, in a network and by a capture that lose, repeat and misorder. */
const packets = fc.array(plans(FATES), { minLength: 1, maxLength: 4 }).map((all) => capturePackets(all.map(converse)));

/** Bytes in pieces, cut at the given shares of their length. */
function cut(bytes: Uint8Array, shares: readonly number[]): Uint8Array[] {
  const places = [0, ...shares.map((share) => Math.floor(share * bytes.length)).sort((one, other) => one - other), bytes.length];
  return places.slice(1).map((place, index) => bytes.slice(places[index], place));
}

/** A finding without packet numbers and times: what lasts until the capture's end ends later with the last copy. */
function judgement({ rule, severity, confidence, subject, count, facts, doubts }: Finding): string {
  return toJson({ rule, severity, confidence, subject, count, facts, doubts });
}

/** What each end of each flow was in at last. */
function finalStates({ open, ended }: Analysis): string[] {
  return [...ended, ...open].map(({ client, server, client_state: one, server_state: other, outcome }) => `${client} ${one} ${server} ${other} ${outcome}`).sort();
}

/** What `synoptic packets` says of each frame, in the order of the capture. */
function packetRows(captured: readonly PcapPacket[]): PacketRow[] {
  const rows: PacketRow[] = [];
  const engine = new Engine({ rules: [] }, { packet: (row) => rows.push(row) });
  engine.open('capture', null);
  engine.push(captureFile(captured));
  engine.close();
  engine.finish();
  return rows;
}

/** All of a row but the frame's number, which the copies before it move. */
function verdict({ packet: _, ...rest }: PacketRow): string {
  return toJson(rest);
}

describe('laws of the engine', () => {
  it('any cutting of the input gives the same report and the same timeline', () => {
    fc.assert(
      fc.property(packets, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (captured, shares) => {
        const file = captureFile(captured);
        const whole = analyse([file]);
        const pieces = analyse(cut(file, shares));
        expect(toJson(pieces)).to.equal(toJson(whole));
      }),
      { seed: 20_260_201, numRuns: 25 },
    );
  });

  it('a byte at a time, too', () => {
    fc.assert(
      fc.property(packets, (captured) => {
        const file = captureFile(captured.slice(0, 12));
        expect(toJson(analyse(Array.from(file, (byte) => Uint8Array.of(byte))))).to.equal(toJson(analyse([file])));
      }),
      { seed: 20_260_202, numRuns: 5 },
    );
  });

  const doublings: readonly { title: string; double: (captured: readonly PcapPacket[]) => PcapPacket[] }[] = [
    { title: 'every frame twice', double: (captured) => repeated(captured, 2_000n, (frame) => frame) },
    { title: 'every frame before and behind a router', double: (captured) => repeated(captured, 300_000n, routed) },
    { title: 'every frame with and without a VLAN tag', double: (captured) => repeated(captured, 5_000n, tagged) },
  ];
  for (const { title, double } of doublings) {
    it(`${title}: the same findings and states, and as many duplicates as frames`, () => {
      fc.assert(
        fc.property(packets, (captured) => {
          const once = analyse([captureFile(captured)]);
          const twice = analyse([captureFile(double(captured))]);
          expect(finalStates(twice)).to.deep.equal(finalStates(once));
          const others = twice.report.findings.filter(({ rule }) => rule !== 'duplicate');
          expect(others.map(judgement)).to.deep.equal(once.report.findings.map(judgement));
          expect(twice.report.capture.quality.duplicates).to.equal(once.report.capture.quality.duplicates + captured.length);
          expect(twice.report.capture.packets.analysed).to.equal(once.report.capture.packets.analysed);
        }),
        { seed: 20_260_203, numRuns: 25 },
      );
    });

    it(`${title}: the same labels, losses and states at each first copy, and nothing but capture-duplicate at the second`, () => {
      fc.assert(
        fc.property(packets, (captured) => {
          const doubled = double(captured);
          const firsts = new Set<PcapPacket>(captured);
          const rows = packetRows(doubled);
          expect(rows).to.have.length(doubled.length);
          expect(rows.filter((_, index) => firsts.has(doubled[index])).map(verdict)).to.deep.equal(packetRows(captured).map(verdict));
          const seconds = rows.filter((_, index) => !firsts.has(doubled[index]));
          expect(seconds.map(({ labels, loss }) => [...labels, loss])).to.deep.equal(captured.map(() => ['capture-duplicate', null]));
        }),
        { seed: 20_260_205, numRuns: 50 },
      );
    });
  }

  it('packets read are those analysed and those left out', () => {
    fc.assert(
      fc.property(packets, fc.integer({ min: 0, max: 200 }), (captured, lost) => {
        const file = captureFile(captured);
        const { read, analysed, left_out: leftOut } = analyse([file.subarray(0, Math.max(24, file.length - lost))]).report.capture.packets;
        expect(analysed + Object.values(leftOut).reduce((sum, count) => sum + count, 0)).to.equal(read);
      }),
      { seed: 20_260_204, numRuns: 25 },
    );
  });
});
