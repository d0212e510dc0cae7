import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Fact, Finding } from '../../../src/core/report/report.ts';
import { analyse } from '../../support/analyse.ts';
import { fixtureCapture } from '../../support/fixtures.ts';

function onlyOne(findings: readonly Finding[], rule: string): Finding {
  const found = findings.filter((finding) => finding.rule === rule);
  expect(found, rule).to.have.lengthOf(1);
  return found[0];
}

function inFixture(name: string, rule: string): Finding {
  return onlyOne(analyse([fixtureCapture(name)]).report.findings, rule);
}

function inConversation(text: string, rule: string): Finding {
  return onlyOne(auditConversation(text).findings, rule);
}

function valuesOf({ facts }: Finding, ...names: string[]): (Fact | undefined)[] {
  return names.map((name) => facts[name]);
}

const BACKLOG = ['backlog_connections_at_most', 'backlog_connections_if_none_accepted'] as const;

describe('accept-queue-overflow: the backlog', () => {
  // What listen() was given in the laboratory.
  for (const [name, backlog] of [['accept-queue-overflow', 4], ['syn-queue-full', 1]] as const) {
    it(`of a program that accepts nothing is bounded from both sides: ${name}, listen(${backlog})`, () => {
      const finding = inFixture(name, 'accept-queue-overflow');
      expect(valuesOf(finding, ...BACKLOG)).to.deep.equal([backlog, backlog]);
      expect(finding.explanation).to.include(`Its backlog is at most ${backlog} connection`);
      expect(finding.explanation).to.include(`It is at least ${backlog} if the program had accepted none`);
    });
  }

  it('of a program that accepts slowly has an upper bound only: listen(8)', () => {
    const [most, least] = valuesOf(inFixture('accept-queue-slow', 'accept-queue-overflow'), ...BACKLOG);
    expect(most).to.be.within(8, 16);
    expect(least).to.equal(null);
  });

  it('cannot be told from six busy workers, which the words say: listen(4)', () => {
    const finding = inFixture('accept-queue-workers', 'accept-queue-overflow');
    expect(valuesOf(finding, ...BACKLOG)).to.deep.equal([4 + 6, 4 + 6]);
    expect(finding.explanation).to.include('workers that are all busy or stuck with accepted ones make it less');
  });

  const KNOCK = 'repeat 3 every 0.01 { B:# > S SYN; +1 B:# > S SYN again; +1 B:# > S SYN again }';

  it('is bounded by what the listener has not answered: not by connections on which it has spoken, or which it has closed', () => {
    const served = 'repeat 20 { D:# > S SYN; S > D:# SYN ACK; D:# > S ACK; D:# > S PSH ACK 10; S > D:# PSH ACK 10 }';
    const closed = 'repeat 20 { E:# > S SYN; S > E:# SYN ACK; E:# > S ACK; S > E:# FIN ACK }';
    const waiting = 'repeat 6 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 10; S > C:# ACK }';
    expect(valuesOf(inConversation(`${served}; ${closed}; ${waiting}; ${KNOCK}`, 'accept-queue-overflow'), ...BACKLOG)).to.deep.equal([5, 5]);
  });

  it('may be filled by connections that their clients left, and those prove nothing from below', () => {
    const left = 'repeat 4 { D:# > S SYN; S > D:# SYN ACK; D:# > S ACK; D:# > S RST }';
    const waiting = 'repeat 6 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 10; S > C:# ACK }';
    expect(valuesOf(inConversation(`${left}; ${waiting}; ${KNOCK}`, 'accept-queue-overflow'), ...BACKLOG)).to.deep.equal([9, 5]);
  });

  it('is not known where the capture saw nothing that could fill it', () => {
    const served = 'repeat 5 { D:# > S SYN; S > D:# SYN ACK; D:# > S ACK; D:# > S PSH ACK 10; S > D:# PSH ACK 10 }';
    const finding = inConversation(`${served}; ${KNOCK}`, 'accept-queue-overflow');
    expect(valuesOf(finding, ...BACKLOG)).to.deep.equal([null, null]);
    expect(finding.explanation).not.to.include('backlog is at most');
  });

  it('is no finding above low where nothing was seen to wait: a host that was down for a minute, a filter that drops one client', () => {
    const served = (name: string): string => `repeat 50 every 0.1 { ${name}:# > S SYN; S > ${name}:# SYN ACK; ${name}:# > S ACK; ${name}:# > S PSH ACK 10; S > ${name}:# PSH ACK 10 }`;
    const silent = '+20 B:# > S SYN\n+1 B:# > S SYN again\n+2 B:# > S SYN again\n';
    const down = inConversation(`${served('C')}\nrepeat 6 every 0.1 { ${silent} }\n+60 D > S SYN; S > D SYN ACK; D > S ACK; ${served('D')}`, 'accept-queue-overflow');
    expect([down.severity, down.confidence, down.title]).to.deep.equal(['low', 'low', 'A listener did not answer for a while']);
    expect(valuesOf(down, 'affected', 'dropped_while_others_were_answered')).to.deep.equal([6, 0]);
    const other = 'D:# > S SYN; S > D:# SYN ACK; D:# > S ACK; D:# > S PSH ACK 10; S > D:# PSH ACK 10';
    const filtered = inConversation(`repeat 6 every 1 { B:# > S SYN\n+1 B:# > S SYN again; ${other}\n+2 B:# > S SYN again }`, 'accept-queue-overflow');
    expect([filtered.severity, filtered.confidence, filtered.title]).to.deep.equal(['low', 'low', 'A listener answers some clients and others not']);
    expect(valuesOf(filtered, 'affected', 'dropped_while_others_were_answered')).to.deep.equal([6, 6]);
  });

  it('of none at all is unlikely: where one connection waits, the link loses packets', () => {
    const one = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK';
    const finding = inConversation(`${one}; ${KNOCK}`, 'accept-queue-overflow');
    expect([finding.severity, ...valuesOf(finding, ...BACKLOG)]).to.deep.equal(['low', 0, 0]);
    expect(finding.doubts.join()).to.include('unless the backlog is 0');
  });

  it('may be that of half-open ones, which are counted where SYNs are dropped', () => {
    const halfOpen = 'repeat 7 { D# > S SYN; S > D# SYN ACK }';
    const one = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK';
    expect(valuesOf(inConversation(`${halfOpen}; ${one}; ${KNOCK}`, 'accept-queue-overflow'), ...BACKLOG)).to.deep.equal([7, 0]);
  });

  it('counts a connection once, whatever signs it shows', () => {
    const finding = inFixture('accept-queue-overflow', 'accept-queue-overflow');
    expect([finding.count, ...valuesOf(finding, 'synack_repeated_after_ack', 'data_never_served')]).to.deep.equal([2, 2, 2]);
  });
});

describe('simultaneous-open: split handshakes', () => {
  it('are told from SYNs that cross: one with an ACK first, one with a single SYN-ACK', () => {
    const finding = inFixture('open-split', 'simultaneous-open');
    expect([finding.severity, finding.title]).to.deep.equal(['low', 'Split handshake']);
    expect(valuesOf(finding, 'connections', 'with_one_synack', 'acknowledged_first')).to.deep.equal([2, 2, 1]);
  });

  it('leave the caller the client', () => {
    expect(inFixture('open-split', 'simultaneous-open').subject).to.deep.include({ kind: 'endpoint', endpoint: '10.77.117.66:8001' });
  });

  it('are not SYNs that cross, with a SYN-ACK of each end', () => {
    const finding = inFixture('open-simultaneous', 'simultaneous-open');
    expect([finding.severity, ...valuesOf(finding, 'with_one_synack', 'acknowledged_first')]).to.deep.equal(['info', 0, 0]);
  });
});

describe('tfo: black holes', () => {
  const FACTS = ['data_accepted', 'data_ignored', 'data_black_holed', 'requests_black_holed', 'black_hole'] as const;

  it('are SYNs with data that get no answer, where plain ones do', () => {
    const finding = inFixture('fast-open-blackhole', 'tfo');
    expect([finding.severity, finding.title]).to.deep.equal(['medium', 'SYNs with TCP Fast Open are dropped']);
    expect(valuesOf(finding, ...FACTS)).to.deep.equal([0, 0, 3, 0, true]);
  });

  it('are not data that the server ignores because of an old cookie', () => {
    const finding = inFixture('fast-open-ignored', 'tfo');
    expect([finding.severity, ...valuesOf(finding, ...FACTS)]).to.deep.equal(['info', 1, 1, 0, 0, false]);
  });

  it('may swallow the request for a cookie, too', () => {
    const asks = 'repeat 3 every 5 { C:# > S SYN cookie=0; +1 C:# > S SYN seq=1000; S > C:# SYN ACK; C:# > S ACK }';
    const finding = inConversation(asks, 'tfo');
    expect([finding.severity, ...valuesOf(finding, ...FACTS)]).to.deep.equal(['medium', 0, 0, 0, 3, true]);
  });

  it('are not one SYN lost among those that are answered', () => {
    const good = 'repeat 4 { D:# > S SYN 60 cookie=8; S > D:# SYN ACK; D:# > S ACK }';
    const lost = 'C > S SYN 60 cookie=8; +1 C > S SYN seq=1000; S > C SYN ACK ack=1001; C > S ACK';
    const finding = inConversation(`${good}; ${lost}`, 'tfo');
    expect([finding.severity, ...valuesOf(finding, ...FACTS)]).to.deep.equal(['info', 4, 0, 1, 0, false]);
  });

  it('are none where plain SYNs get no answer either', () => {
    const dead = 'repeat 3 every 5 { C:# > S SYN 60 cookie=8; +1 C:# > S SYN seq=1000; +2 C:# > S SYN seq=1000 }';
    expect(valuesOf(inConversation(dead, 'tfo'), ...FACTS)).to.deep.equal([0, 0, 0, 0, false]);
  });
});
