import { expect } from 'chai';
import fc from 'fast-check';
import { Engine, type FlowRow, type Report, type TimelineRow } from '../../src/core/index.ts';
import { Kind } from '../../src/core/observations.ts';
import { RULES } from '../../src/core/rules/index.ts';
import type { Rule, RunningRule } from '../../src/core/rules/rule.ts';
import { Settings } from '../../src/core/rules/settings.ts';
import { analyse, toJson } from '../support/analyse.ts';
import { fixtureCapture, fixtureNames } from '../support/fixtures.ts';

const RUNS = { numRuns: 2, seed: 4711 };

/** Analyses a capture with a snapshot at each of the given shares of its bytes. */
function withSnapshots(capture: Uint8Array, shares: readonly number[]): { report: Report; timeline: TimelineRow[]; flows: FlowRow[]; snapshots: Report[] } {
  const timeline: TimelineRow[] = [];
  const flows: FlowRow[] = [];
  const snapshots: Report[] = [];
  const engine = new Engine({}, { timeline: (change, by) => timeline.push(by.timelineRow(change)), flow: (row) => flows.push(row) });
  engine.open('capture', null);
  let at = 0;
  for (const share of [...shares].sort((one, other) => one - other)) {
    const end = Math.round(capture.length * share);
    engine.push(capture.subarray(at, end));
    at = end;
    snapshots.push(engine.snapshot());
  }
  engine.push(capture.subarray(at));
  snapshots.push(engine.snapshot());
  engine.close();
  return { report: engine.finish(), timeline, flows, snapshots };
}

/** What both a snapshot and a finished analysis say, without the state of the file. */
function said(report: Report): string {
  return toJson({ ...report, capture: { ...report.capture, files: null } });
}

describe('a snapshot', () => {
  for (const name of fixtureNames) {
    it(`leaves the analysis of ${name} as it was`, () => {
      const capture = fixtureCapture(name);
      const whole = analyse([capture]);
      fc.assert(
        fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }), (shares) => {
          const { report, timeline, flows } = withSnapshots(capture, shares);
          expect(toJson(report)).to.equal(toJson(whole.report));
          expect(toJson(timeline)).to.equal(toJson(whole.timeline));
          expect(toJson(flows)).to.equal(toJson([...whole.ended, ...whole.open]));
        }),
        RUNS,
      );
    });

    it(`of a part of ${name} is the report of that part`, () => {
      const capture = fixtureCapture(name);
      fc.assert(
        fc.property(fc.double({ min: 0.05, max: 1, noNaN: true }), (share) => {
          const part = capture.subarray(0, Math.round(capture.length * share));
          const engine = new Engine();
          engine.open('capture', null);
          engine.push(part);
          engine.drain();
          expect(said(engine.snapshot())).to.equal(said(analyse([part]).report));
        }),
        RUNS,
      );
    });
  }

  it('names the input that is still open', () => {
    const capture = fixtureCapture('leaking-server');
    const [early, whole] = withSnapshots(capture, [0.5]).snapshots;
    expect(early.capture.files).to.have.lengthOf(1);
    expect(early.capture.files[0]).to.deep.include({ name: 'capture', format: 'pcap-nanosecond', complete: true, damage: null });
    expect(whole.findings.map(({ rule }) => rule)).to.deep.equal(['close-wait-leak']);
  });

  it('tells nothing to the rules that have nothing to put back', () => {
    const told = new Set<Kind>();
    for (const capture of fixtureNames.map(fixtureCapture)) {
      for (const share of [0.3, 0.5, 0.7, 0.9, 1]) {
        let isOver = false;
        const engine = new Engine({}, { fact: ({ kind }) => isOver && told.add(kind) });
        engine.open('capture', null);
        engine.push(capture.subarray(0, Math.round(capture.length * share)));
        engine.close();
        isOver = true;
        engine.finish();
      }
    }
    expect([...told]).to.include.members([Kind.FLOW_ENDED, Kind.UNSERVED_DATA, Kind.SYN_ON_ESTABLISHED]);
    // It is told of ends, and remembers nothing at all.
    const untouched = RULES.filter((rule) => started(rule).state === null && rule.id !== 'duplicate');
    expect(untouched.map(({ id }) => id)).to.deep.equal(['port-exhaustion', 'window-scale-mismatch']);
    for (const { id, watches, afterwards = [] } of untouched) expect([...watches, ...afterwards].filter((kind) => told.has(kind)), id).to.deep.equal([]);
  });

  it('can put back what every rule of ours remembers', () => {
    for (const rule of RULES) expect(started(rule), rule.id).to.have.property('state').that.is.not.equal(undefined);
  });
});

/** A rule at work, with its own settings and nothing to look at. */
function started(rule: Rule): RunningRule {
  const option = new Settings(RULES, {}).optionsOf(rule);
  return rule.start({ connections: {} as never, capture: {} as never, server: () => ({}) as never, host: () => ({}) as never, report: () => undefined, option });
}
