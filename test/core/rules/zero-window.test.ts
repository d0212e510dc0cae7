import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';
import { analyse } from '../../support/analyse.ts';
import { fixtureCapture } from '../../support/fixtures.ts';

const CLOSED = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 1000; S > C ACK win=0';
const PROBED = `${CLOSED}; +0.2 C > S ACK seq=-1; S > C ACK win=0; +0.4 C > S ACK seq=-1; S > C ACK win=0`;
const GOES_ON = 'C > S PSH ACK 1000; S > C ACK';

function stall(conversation: string): Finding {
  const [finding, ...others] = auditConversation(conversation).findings.filter(({ rule }) => rule === 'zero-window');
  expect(others).to.deep.equal([]);
  return finding;
}

/** [opened by a probe, wait for the update lost before the capture point, updates lost behind it, the longest stall] */
function causes({ facts }: Finding): unknown[] {
  return ['opened_by_probe', 'waited_for_lost_update_seconds', 'updates_lost_after_capture_point', 'longest_seconds'].map((name) => facts[name]);
}

describe('zero-window', () => {
  it('a window that an update opens is a slow receiver', () => {
    const finding = stall(`${PROBED}; +0.5 S > C ACK; ${GOES_ON}`);
    expect(causes(finding)).to.deep.equal([0, 0, 0, 1.102]);
    expect(finding.explanation).to.include('The network is not at fault').and.not.include('probe');
    expect(finding.doubts).to.deep.equal([]);
  });

  it('a window that nobody probes keeps perhaps nobody waiting, which is a doubt', () => {
    const finding = stall(`${CLOSED}; +5 S > C ACK; +1 ${GOES_ON}`);
    expect([finding.severity, finding.confidence, ...causes(finding)]).to.deep.equal(['medium', 'medium', 0, 0, 0, 5]);
    expect(finding.doubts.join()).to.include('nothing to send');
    expect(stall(`${PROBED}; +5 S > C ACK; ${GOES_ON}`)).to.deep.include({ severity: 'medium', confidence: 'high', doubts: [] });
  });

  it('one that only a probe finds open is a lost update: the time since the probe before was for nothing', () => {
    const finding = stall(`${PROBED}; +0.8 C > S ACK seq=-1; S > C ACK; ${GOES_ON}`);
    expect(causes(finding)).to.deep.equal([1, 0.801, 0, 1.403]);
    expect(finding.explanation).to.include('found the window open').and.not.include('not at fault');
    expect(finding.doubts).to.have.lengthOf(1);
  });

  it('so is one that a byte finds open, as other stacks probe; the byte again is no retransmission', () => {
    const bytes = `${CLOSED}; +0.2 C > S PSH ACK 1; S > C ACK win=0 ack=2001; +0.4 C > S PSH ACK 1 again; S > C ACK win=0 ack=2001; +0.8 C > S PSH ACK 1 again; S > C ACK; ${GOES_ON}`;
    expect(causes(stall(bytes))).to.deep.equal([1, 0.801, 0, 1.403]);
    expect(auditConversation(bytes).findings.map(({ rule }) => rule)).to.not.include('retransmission');
  });

  it('an update after which the sender goes on probing was lost behind the capture point, and the stall went on', () => {
    const finding = stall(`${PROBED}; +0.3 S > C ACK; +0.5 C > S ACK seq=-1; S > C ACK; ${GOES_ON}`);
    expect(causes(finding)).to.deep.equal([0, 0, 1, 1.402]);
    expect(finding.explanation).to.include('1 window update passed here');
  });

  it('a keep-alive much later is none, nor one after new data', () => {
    for (const later of ['+0.3 S > C ACK; +60 C > S ACK seq=-1; S > C ACK', `+0.3 S > C ACK; ${GOES_ON}; +0.5 C > S ACK seq=-1; S > C ACK`]) {
      expect(causes(stall(`${PROBED}; ${later}`)), later).to.deep.equal([0, 0, 0, 0.902]);
    }
  });

  it('the program of the lab did not read: its update is in the capture', () => {
    const [finding] = analyse([fixtureCapture('zero-window')]).report.findings.filter(({ rule }) => rule === 'zero-window');
    expect(causes(finding).slice(0, 3)).to.deep.equal([0, 0, 0]);
  });

  describe('that a client brings about', () => {
    const held = (connections: number, every: number, seconds: number): string => `repeat ${connections} every ${every} {
      C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 100; S > C:# PSH ACK 1000; C:# > S ACK win=0; +${seconds} C:# > S ACK; S > C:# PSH ACK 10; C:# > S ACK }`;

    it('is low, however long: a player that pauses keeps nobody else waiting', () => {
      const finding = stall(held(3, 1, 60));
      expect([finding.severity, finding.facts['longest_seconds'], finding.facts['source']]).to.deep.equal(['low', 60, undefined]);
    });

    it('is an attack where one host does so on many connections at once', () => {
      const finding = stall(held(30, 0.1, 60));
      expect([finding.severity, finding.facts['source'], finding.facts['most_stalled_by_source']]).to.deep.equal(['high', '192.0.2.10', 30]);
      expect(finding.title).to.include('Zero-window stress');
    });

    it('but not where it does so on one after the other', () => {
      expect(stall(held(30, 20, 15)).severity).to.equal('low');
    });
  });

  it('of a server is medium from a second on, and high from ten', () => {
    const held = (seconds: number): string => `C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 1000; S > C ACK win=0; +${seconds} S > C ACK; C > S PSH ACK 10; S > C ACK`;
    expect([0.5, 2, 12].map((seconds) => stall(held(seconds)).severity)).to.deep.equal(['low', 'medium', 'high']);
  });
});
