import { expect } from 'chai';
import type { ConnectionView } from '../../../src/core/views.ts';
import { CaptureQuality } from '../../../src/core/report/capture-quality.ts';
import { Collector } from '../../../src/core/report/collect.ts';
import type { Finding } from '../../../src/core/report/report.ts';
import type { Draft, Rule } from '../../../src/core/rules/rule.ts';
import { ownRule } from '../../support/own-rule.ts';

const READER = { file: { name: '', format: '', compression: null, link_types: [], snaplen: 0, packets: 0, bytes: 0, complete: true, damage: null }, misordered: 0, clockSteps: 0, truncated: 0, push() {}, finish() {} };
const EPOCH = 1_767_225_600_000_000_000n;
const DRAFT: Draft = {
  severity: 'high', confidence: 'high', subject: { kind: 'endpoint', endpoint: '192.0.2.1:80' }, first: 0, last: 0, count: 1, flows: [], packets: [], facts: {}, doubts: ['Its own.'],
};

/** What becomes of a draft where the capture is as `fault` makes it; it has 1,000 segments, and 10 flows captured in both directions. */
function findingIn(fault: (quality: CaptureQuality) => void, draft: Partial<Draft> = {}, rule: Partial<Rule> = {}): Finding {
  const quality = new CaptureQuality();
  quality.analysed = 1_000;
  for (let flow = 0; flow < 10; flow++) quality.noteFlow(false, false);
  fault(quality);
  const collector = collectorOf(quality);
  collector.add(ownRule(rule), { ...DRAFT, ...draft });
  return collector.findings()[0];
}

function collectorOf(quality: CaptureQuality, evidence = 20): Collector {
  return new Collector({ epoch: (time: number) => EPOCH + BigInt(time) } as ConnectionView, quality, evidence);
}

/** Faults of a capture, each just large enough, and just not, to make findings doubtful; and words of the doubt. */
const FAULTS: readonly (readonly [what: string, doubted: (quality: CaptureQuality) => void, borne: (quality: CaptureQuality) => void, words: RegExp])[] = [
  ['of 200 segments one is missing', (quality) => (quality.missedSegments = 6), (quality) => (quality.missedSegments = 5), /^The capture missed about 0\.6 % of the segments/],
  ['of 1,000 packets one was dropped', (quality) => quality.noteDrops(2), (quality) => quality.noteDrops(1), /^2 packets \(0\.2 %\) were dropped before they could be captured/],
  ['half of the connections were captured in one direction', (quality) => oneWay(quality, 10), (quality) => oneWay(quality, 9), /^10 of 20 connections were captured in one direction only/],
  ['the clock was set back', (quality) => quality.addReader(reader(1)), (quality) => quality.addReader(reader(0)), /^The capture's clock was set back within it/],
];

function oneWay(quality: CaptureQuality, flows: number): void {
  for (let flow = 0; flow < flows; flow++) quality.noteFlow(true, false);
}

function reader(clockSteps: number): Parameters<CaptureQuality['addReader']>[0] {
  return { ...READER, clockSteps, counters: { kernelDrops: -1, interfaceDrops: -1 } };
}

describe('findings', () => {
  it('are made of drafts: words from the rule, times of the epoch, evidence capped and counted', () => {
    const collector = collectorOf(new CaptureQuality(), 2);
    const rule = ownRule({
      id: 'one', title: 'Title of one', references: ['RFC 9293 §3.6'], explain: ({ open }) => ({ explanation: `${Number(open)} are open.`, advice: ['Look.'] }),
    });
    collector.add(rule, { ...DRAFT, first: 1e9, last: 2e9, flows: [3, 4, 5], packets: [7, 8, 9, 10], moreFlows: 2, facts: { open: 4 } });
    expect(collector.findings()).to.deep.equal([
      {
        rule: 'one',
        severity: 'high',
        confidence: 'high',
        title: 'Title of one',
        subject: { kind: 'endpoint', endpoint: '192.0.2.1:80' },
        first_ns: EPOCH + 1_000_000_000n,
        last_ns: EPOCH + 2_000_000_000n,
        count: 1,
        evidence: { flows: [3, 4], packets: [7, 8], more: { flows: 3, packets: 2 } },
        facts: { open: 4 },
        explanation: '4 are open.',
        advice: ['Look.'],
        references: ['RFC 9293 §3.6'],
        doubts: ['Its own.'],
      },
    ]);
  });

  it('stand in the order of their severity, then of their first time, then of their rule', () => {
    const collector = collectorOf(new CaptureQuality());
    for (const [id, severity, first] of [['b', 'low', 1e9], ['c', 'high', 5e9], ['d', 'high', 2e9], ['a', 'low', 1e9]] as const) {
      collector.add(ownRule({ id }), { ...DRAFT, severity, first });
    }
    expect(collector.findings().map(({ rule }) => rule)).to.deep.equal(['d', 'c', 'a', 'b']);
  });
});

describe('a finding in a capture with faults', () => {
  for (const [what, doubted, borne, words] of FAULTS) {
    it(`is less sure from where on ${what}, and says so`, () => {
      const finding = findingIn(doubted);
      expect([finding.severity, finding.confidence]).to.deep.equal(['high', 'medium']);
      expect(finding.doubts).to.have.lengthOf(2);
      expect(finding.doubts[1]).to.match(words);
      expect(findingIn(borne)).to.include({ severity: 'high', confidence: 'high' }).and.to.deep.include({ doubts: ['Its own.'] });
    });
  }

  it('is a hint for several of them, and of low severity then, whatever it was', () => {
    const several = (quality: CaptureQuality): void => FAULTS.forEach(([, doubted]) => doubted(quality));
    expect(findingIn(several)).to.include({ severity: 'low', confidence: 'low' });
    expect(findingIn(several).doubts).to.have.lengthOf(4);
    expect(findingIn(several, { severity: 'critical' })).to.include({ severity: 'low', confidence: 'low' });
    expect(findingIn(FAULTS[0][1], { confidence: 'medium' })).to.include({ severity: 'low', confidence: 'low' });
  });

  it('is a hint where files overlap, so that their packets seem to come again', () => {
    const finding = findingIn((quality) => quality.noteOverlap());
    expect(finding).to.include({ severity: 'low', confidence: 'low' });
    expect(finding.doubts.slice(1)).to.deep.equal([
      '1 file begins while the one before still ran, and they were read one after the other; merge them first: mergecap -w both.pcapng FILE FILE.',
    ]);
  });

  it('is as sure as ever where it is a remark, or about the capture itself', () => {
    expect(findingIn(FAULTS[0][1], { severity: 'info' })).to.include({ confidence: 'high' });
    expect(findingIn(FAULTS[0][1], { subject: { kind: 'capture' } })).to.include({ severity: 'high', confidence: 'high' });
  });

  it('tells of drops or of missing segments, which are the same loss', () => {
    const both = (quality: CaptureQuality): void => {
      FAULTS[0][1](quality);
      FAULTS[1][1](quality);
    };
    expect(findingIn(both).doubts).to.have.lengthOf(2);
    expect(findingIn(both).confidence).to.equal('medium');
  });

  it('is doubted for times of delivery where its rule judges by short times', () => {
    const stamped = (quality: CaptureQuality): void => quality.noteDeliveryClock();
    expect(findingIn(stamped)).to.deep.include({ confidence: 'high', doubts: ['Its own.'] });
    const finding = findingIn(stamped, {}, { timed: true });
    expect(finding.confidence).to.equal('medium');
    expect(finding.doubts[1]).to.match(/^Packets were stamped when they were delivered/);
  });
});
