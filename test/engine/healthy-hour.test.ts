import { expect } from 'chai';
import type { Finding, Report } from '../../src/core/index.ts';
import { SEVERITIES } from '../../src/core/index.ts';
import { analyse } from '../support/analyse.ts';
import { summaries } from '../support/findings.ts';
import { pcapHeader, pcapRecord } from '../support/pcap-writer.ts';
import { capturePackets } from '../support/simulation/conversations.ts';
import { healthyHour } from '../support/simulation/healthy-hour.ts';

describe('an hour of healthy servers', function () {
  this.timeout(120_000);
  let report: Report;
  let connections = 0;

  function atLeast(severity: (typeof SEVERITIES)[number]): Finding[] {
    return report.findings.filter((finding) => SEVERITIES.indexOf(finding.severity) >= SEVERITIES.indexOf(severity));
  }

  before(() => {
    const hour = healthyHour();
    connections = hour.length;
    const variant = { variant: 'nanosecond' } as const;
    ({ report } = analyse([pcapHeader(variant), ...capturePackets(hour).map((packet) => pcapRecord(packet, variant))]));
  });

  it('is an hour, with some ten thousand connections', () => {
    expect(connections).to.be.within(9_500, 10_500);
    expect(report.totals.flows).to.be.within(connections - 20, connections);
    expect(report.capture.duration).to.be.within(3_500, 3_660);
  });

  it('holds what hours of healthy servers hold: loss, resets, half-closes, TIME_WAIT, keep-alives', () => {
    const found = (rule: string): Finding[] => report.findings.filter((finding) => finding.rule === rule);
    const sum = (rule: string): number => found(rule).reduce((total, { count }) => total + count, 0);
    expect(sum('retransmission')).to.be.above(200);
    expect(sum('rst-abort')).to.be.above(200);
    expect(sum('half-close')).to.be.above(100);
    expect(report.totals.outcomes).to.include.keys('closed', 'aborted', 'open', 'refused', 'unanswered');
  });

  it('gives no finding of medium or above', () => {
    expect(summaries(atLeast('medium'))).to.deep.equal([]);
  });
});
