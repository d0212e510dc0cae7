import { expect } from 'chai';
import { Engine, type Finding } from '../../../src/core/index.ts';
import { FindingStream } from '../../../src/node/live/finding-stream.ts';
import { fixtureCapture, fixtureNames } from '../../support/fixtures.ts';
import { sampleReport } from '../../support/sample-report.ts';

const [sample] = sampleReport().findings;

function finding(change: Partial<Finding>): Finding {
  return { ...sample, confidence: 'high', severity: 'low', rule: 'rst-abort', subject: { kind: 'endpoint', endpoint: '192.0.2.1:80' }, ...change };
}

/** Does a finding of the final report say what was told: by its place, or by what shows it? */
function isIn(report: readonly Finding[], { rule, subject, evidence }: Finding): boolean {
  return report.some(
    (each) =>
      each.rule === rule &&
      (JSON.stringify(each.subject) === JSON.stringify(subject) || evidence.packets.some((packet) => each.evidence.packets.includes(packet))),
  );
}

describe('live: the stream of findings', () => {
  it('tells each once, and again when it has become more severe', () => {
    const stream = new FindingStream();
    const low = finding({});
    const high = finding({ severity: 'high' });
    expect(stream.certain([low])).to.deep.equal([low]);
    expect(stream.certain([finding({ count: 9 })])).to.deep.equal([]);
    expect(stream.counts()).to.deep.equal({ info: 0, low: 1, medium: 0, high: 0, critical: 0 });
    expect(stream.certain([high])).to.deep.equal([high]);
    expect(stream.counts()).to.deep.equal({ info: 0, low: 0, medium: 0, high: 1, critical: 0 });
    expect(stream.last([high])).to.deep.equal([]);
    expect(stream.last([finding({ severity: 'critical' })])).to.have.lengthOf(1);
  });

  it('forgets, when it has told very many, those that are found no more', () => {
    const stream = new FindingStream();
    const about = (host: number): Finding => finding({ subject: { kind: 'host', host: String(host) } });
    for (let host = 0; host <= 65_536; host++) stream.certain([about(host)]);
    expect(stream.certain([about(65_536), about(1)])).to.deep.equal([]);
    expect(stream.certain([about(0), about(1)])).to.deep.equal([about(0)]);
    expect(stream.counts().low).to.equal(65_538);
  });

  it("takes what happens to a server's connections for one finding", () => {
    const stream = new FindingStream();
    const one = finding({ subject: { kind: 'flow', flow: 3, client: '192.0.2.9:4711', server: '192.0.2.1:80' } });
    expect(stream.certain([one])).to.deep.equal([one]);
    expect(stream.certain([finding({ count: 2 })])).to.deep.equal([]);
    expect(stream.certain([finding({ subject: { kind: 'host', host: '192.0.2.1' } })])).to.have.lengthOf(1);
    expect(stream.certain([finding({ rule: 'half-open' })])).to.have.lengthOf(1);
  });

  it('leaves hints, and what may be the beginning of a scan, to the end', () => {
    const stream = new FindingStream();
    const hint = finding({ confidence: 'low' });
    const part = finding({ rule: 'connect-refused' });
    expect(stream.certain([hint, part])).to.deep.equal([]);
    expect(stream.certain([finding({ rule: 'connect-refused', severity: 'medium' })])).to.have.lengthOf(1);
    expect(stream.last([hint, part])).to.deep.equal([hint]);
  });

  it('says what is provisional when it appears, and when it is gone without ever being certain', () => {
    const stream = new FindingStream();
    const [one, other] = [finding({ rule: 'half-close' }), finding({ rule: 'midstream' })];
    expect(stream.provisional([one, other])).to.deep.equal({ appeared: [one, other], gone: [] });
    expect(stream.provisional([one, other])).to.deep.equal({ appeared: [], gone: [] });
    stream.certain([one]);
    expect(stream.provisional([one])).to.deep.equal({ appeared: [], gone: [other] });
  });

  for (const name of fixtureNames) {
    it(`tells nothing of ${name} that the report takes back`, () => {
      const capture = fixtureCapture(name);
      const engine = new Engine({ set: { 'report.evidence': 100_000 } });
      const stream = new FindingStream();
      const told: Finding[] = [];
      engine.open('capture', null);
      const piece = Math.ceil(capture.length / 12);
      for (let at = 0; at < capture.length; at += piece) {
        engine.push(capture.subarray(at, at + piece));
        if (engine.packets > 0) told.push(...stream.certain(engine.settledFindings()));
      }
      engine.close();
      const { findings } = engine.finish();
      expect(told.filter((each) => !isIn(findings, each)).map(({ rule, subject }) => [rule, subject])).to.deep.equal([]);
    });
  }
});
