import { expect } from 'chai';
import { findingsOf } from '../../../src/core/report/ladder-findings.ts';
import type { Finding, Quality } from '../../../src/core/report/report.ts';
import type { FlowRow } from '../../../src/core/report/rows.ts';
import { sampleFlow } from '../../support/sample-flow.ts';
import { sampleFinding, sampleReport } from '../../support/sample-report.ts';

const CLEAN: Partial<Quality> = { one_way_flows: 0, lost_estimate: 0, kernel_drops: null, clock_steps: 0, vantage: 'unknown' };

/** What would settle a finding about a flow that was captured whole, but for these faults. */
function settling(quality: Partial<Quality>, flow: Partial<FlowRow> = {}, finding: Partial<Finding> = {}): string[] {
  const { capture } = sampleReport();
  const row = sampleFlow(1, { outcome: 'closed', history: 'ShADadfF', packets: [5, 5], ...flow });
  const about = sampleFinding({ confidence: 'high', doubts: [], ...finding, evidence: { flows: [1], packets: [], more: { flows: 0, packets: 0 } } });
  const [found] = findingsOf(row, { findings: [about], capture: { ...capture, quality: { ...capture.quality, ...CLEAN, ...quality } } });
  return found.settled_by;
}

describe('report: what would settle a finding of a ladder', () => {
  it('is nothing where the capture is whole and the packets prove it', () => {
    expect(settling({})).to.deep.equal([]);
  });

  const CASES: [title: string, captures: string[], words: RegExp][] = [
    ['a capture that begins earlier, for a flow in midstream', settling({}, { outcome: 'midstream' }), /begins before/],
    ['… or without a SYN in its history', settling({}, { history: 'ADad' }), /begins before/],
    ['both directions, where one was captured', settling({ one_way_flows: 1 }, { packets: [5, 0] }), /holds both directions/],
    ['no losses, where bytes are missing', settling({ lost_estimate: 1 }), /without losses/],
    ['… or where the kernel dropped packets', settling({ kernel_drops: 1 }), /without losses/],
    ['a steady clock', settling({ clock_steps: 1 }), /clock is not set/],
    ['the other end, where it is not certain', settling({ vantage: 'client' }, {}, { confidence: 'medium' }), /at the server, /],
    ['… or doubted', settling({ vantage: 'server' }, {}, { doubts: ['Another cause.'] }), /at the client, /],
    ['more time, where both ends were in sight', settling({ vantage: 'both' }, {}, { confidence: 'low' }), /runs longer, at both ends/],
  ];
  for (const [title, captures, words] of CASES) {
    it(title, () => {
      expect(captures).to.have.lengthOf(1);
      expect(captures[0]).to.match(words);
    });
  }

  it('asks for one direction more only of a flow that lacks it, and for no loss only of a capture that says so', () => {
    expect(settling({ one_way_flows: 1 })).to.deep.equal([]);
    expect(settling({}, { packets: [5, 0] })).to.deep.equal([]);
    expect(settling({ kernel_drops: 0 })).to.deep.equal([]);
  });
});
