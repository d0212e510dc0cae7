import { expect } from 'chai';
import type { Finding } from '../../../../src/core/index.ts';
import { FindingList } from '../../../../src/node/live/screen/finding-list.ts';
import { SampleLiveView } from '../../../support/sample-live-view.ts';
import { sampleFinding } from '../../../support/sample-report.ts';

const ABORTS = sampleFinding({ rule: 'rst-abort', severity: 'low', count: 6, subject: { kind: 'host', host: '10.0.0.9' } });
const KEEPALIVE = sampleFinding({ rule: 'keepalive', severity: 'info', count: 2, subject: { kind: 'endpoint', endpoint: '10.0.0.5:80' } });
const SCAN = sampleFinding({ rule: 'syn-scan-vertical', severity: 'medium', count: 90, subject: { kind: 'host', host: '10.0.0.66' } });

/** An audit whose whole report takes so long (milliseconds) that it is not read again for a while; what is certain takes one. */
class SlowView extends SampleLiveView {
  now_ms = 0;
  cost = 500;

  override report(): ReturnType<SampleLiveView['report']> {
    this.now_ms += this.cost;
    return super.report();
  }

  override certain(): readonly Finding[] {
    this.now_ms += 1;
    return super.certain();
  }
}

describe('the findings on the screen', () => {
  let view: SlowView;
  let list: FindingList;

  beforeEach(() => {
    view = new SlowView();
    list = new FindingList(() => view.now_ms);
  });

  function watch(seconds: number): void {
    for (const end = view.now_ms + seconds * 1000; view.now_ms < end; view.now_ms += 200) list.refresh(view);
  }

  function shown(): [rule: string, severity: string, count: number][] {
    return list.all.map(({ finding: { rule, severity, count } }) => [rule, severity, count]);
  }

  it('come within three seconds where they are certain, however dear the whole report is', () => {
    view.found = [ABORTS, KEEPALIVE];
    watch(1);
    view.sure = [SCAN];
    watch(3);
    expect(view.asked.findings).to.equal(1);
    expect(shown()).to.deep.equal([['syn-scan-vertical', 'medium', 90], ['rst-abort', 'low', 6], ['keepalive', 'info', 2]]);
    expect(list.problems.map(({ finding }) => finding.rule)).to.deep.equal(['syn-scan-vertical', 'rst-abort']);
  });

  it('are those of the whole report alone where that is cheap', () => {
    view.cost = 1;
    view.found = [ABORTS];
    view.sure = [SCAN];
    watch(10);
    expect(view.asked.findings).to.be.within(9, 11);
    expect(view.asked.certain).to.equal(0);
    expect(shown()).to.deep.equal([['rst-abort', 'low', 6]]);
  });

  it('grow with what is certain, and never shrink by it', () => {
    view.found = [SCAN, ABORTS];
    watch(1);
    view.sure = [{ ...SCAN, severity: 'high', count: 91 }, { ...ABORTS, count: 5 }];
    watch(3);
    expect(shown()).to.deep.equal([['syn-scan-vertical', 'high', 91], ['rst-abort', 'low', 6]]);
  });

  it('say nothing of a connection that is part of what is said of its server', () => {
    const ofServer = sampleFinding({ rule: 'zero-window', severity: 'medium', subject: { kind: 'endpoint', endpoint: '10.0.0.5:80' } });
    const ofFlow = (severity: Finding['severity']): Finding =>
      sampleFinding({ rule: 'zero-window', severity, count: 1, subject: { kind: 'flow', flow: 7, client: '10.0.0.9:40000', server: '10.0.0.5:80' } });
    view.found = [ofServer];
    watch(1);
    view.sure = [ofFlow('medium')];
    watch(3);
    expect(list.all.map(({ finding }) => finding.subject.kind)).to.deep.equal(['endpoint']);
    view.sure = [ofFlow('high')];
    watch(3);
    expect(list.all.map(({ finding }) => finding.subject.kind)).to.deep.equal(['flow', 'endpoint']);
  });

  it('are what the next whole report says', () => {
    view.found = [ABORTS];
    watch(1);
    view.sure = [SCAN];
    view.cost = 1;
    watch(300);
    expect(view.asked.findings).to.be.greaterThan(1);
    expect(shown()).to.deep.equal([['rst-abort', 'low', 6]]);
  });

  it('are new for a quarter of a minute, whichever reading tells them', () => {
    view.found = [ABORTS];
    watch(5);
    view.sure = [SCAN];
    watch(11);
    expect(list.all.map(({ finding, isNew }) => [finding.rule, isNew])).to.deep.equal([['syn-scan-vertical', true], ['rst-abort', false]]);
    watch(6);
    expect(list.all.map(({ isNew }) => isNew)).to.deep.equal([false, false]);
  });
});
