import { expect } from 'chai';
import { RULES } from '../../../src/core/rules/index.ts';
import type { FlowRow, TimelineRow } from '../../../src/core/index.ts';
import type { Timed } from '../../support/trace.ts';
import { analyseFrames, framesOf } from '../../support/trace.ts';

const LATER = 1_000e9;
const MOST_FRAMES = 100;
const FORMER_SERVER = '203.0.113.2:8443';
/** Marks of every kind on both ends of forty flows, all reset and forgotten long before what follows. */
const FORMER = framesOf(`
  A = 203.0.113.1:50000 ttl=200
  T = 203.0.113.2:8443 ttl=30
  repeat 40 {
    A:# > T SYN 20 cookie=8 ws=9 mss=900; T > A:# SYN ACK cookie=8 ws=11 mss=800; A:# > T ACK
    A:# > T PSH ACK 100; A:# > T PSH ACK 100 seq=+500; T > A:# ACK win=0; T > A:# ACK win=9
    T > A:# ACK ack=+4000; A:# > T PSH ACK 100 again; T > A:# ACK seq=+1000000000
    A:# > T RST seq=+2000000000; T > A:# PSH ACK 30; ~ T > A:# PSH ACK 30; T > A:# FIN ACK; A:# > T ACK; A:# > T ACK win=0
    A:# > T RST ACK
  }`);

function told(frames: readonly Timed[]): { rows: object[]; flows: object[] } {
  const { timeline, ended, open } = analyseFrames(frames);
  return {
    // What the end of the capture tells comes in the order of slots.
    rows: timeline.filter(({ local, remote }) => local !== FORMER_SERVER && remote !== FORMER_SERVER).sort((one, other) => one.flow - other.flow),
    flows: [...ended, ...open].filter(({ client, server }) => client !== FORMER_SERVER && server !== FORMER_SERVER).sort((one, other) => one.flow - other.flow),
  };
}

/** The same rows for a conversation that is `by` later and whose frames and flows are counted on. Findings are of the whole capture. */
function shifted(rows: readonly object[], by: { time: bigint; packets: number; flows: number }): object[] {
  return (rows as (TimelineRow | FlowRow)[]).map((row) => {
    if ('local' in row) return { ...row, t_ns: row.t_ns + by.time, packet: row.packet + by.packets, flow: row.flow + by.flows };
    return { ...row, start_ns: row.start_ns + by.time, end_ns: row.end_ns + by.time, flow: row.flow + by.flows, findings: [] };
  });
}

describe('flow: a slot used again', () => {
  const examples = RULES.flatMap(({ id, examples: { flagged, clean } }) => [...flagged, ...clean].map(({ conversation }, index) => ({ id, index, text: conversation })));

  it('is what the former flows leave: forty are forgotten before the next begins', () => {
    const { ended } = analyseFrames([...FORMER, ...framesOf('C > S SYN').map(({ time, data }) => ({ time: time + LATER, data }))]);
    expect(ended).to.have.lengthOf(40);
  });

  for (const { id, index, text } of examples) {
    const frames = framesOf(text);
    // Larger ones use the slots of the forty and then fresh ones: nothing that the smaller do not show.
    if (frames.length > MOST_FRAMES) continue;
    it(`shows nothing of the flow before: example ${index + 1} of ${id}`, () => {
      const fresh = told(frames);
      const used = told([...FORMER, ...frames.map(({ time, data }) => ({ time: time + LATER, data }))]);
      const by = { time: BigInt(LATER), packets: FORMER.length, flows: 40 };
      expect(shifted(used.rows, { time: 0n, packets: 0, flows: 0 })).to.deep.equal(shifted(fresh.rows, by));
      expect(shifted(used.flows, { time: 0n, packets: 0, flows: 0 })).to.deep.equal(shifted(fresh.flows, by));
    });
  }
});
