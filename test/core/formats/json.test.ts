import { expect } from 'chai';
import fc from 'fast-check';
import { PLAIN } from '../../../src/core/formats/format.ts';
import { json } from '../../../src/core/formats/json.ts';
import { compactJson, prettyJson } from '../../../src/core/formats/json-writer.ts';
import { ndjson } from '../../../src/core/formats/ndjson.ts';
import { SAMPLE_START, sampleFinding, sampleReport } from '../../support/sample-report.ts';
import { expectValidReport } from '../../support/validate.ts';

describe('JSON', () => {
  it('says what JSON.stringify says, of anything JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(compactJson(value))).to.deep.equal(JSON.parse(JSON.stringify(value)));
        expect(JSON.parse(prettyJson(value))).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('writes 64-bit integers with all their digits', () => {
    const value = { t_ns: 1_714_564_803_123_456_789n, before: -9_223_372_036_854_775_808n };
    expect(compactJson(value)).to.equal('{"t_ns":1714564803123456789,"before":-9223372036854775808}');
  });

  it('writes null for what JSON cannot hold, and leaves out what is undefined', () => {
    expect(compactJson({ a: NaN, b: Infinity, c: undefined, d: [-Infinity] })).to.equal('{"a":null,"b":null,"d":[null]}');
  });

  it('escapes every control character, those that JSON allows included', () => {
    expect(compactJson('\u001b\u007f\u009b\ud800')).to.equal('"\\u001b\\u007f\\u009b\\ud800"');
  });

  it('indents by two, with arrays of scalars on one line', () => {
    expect(prettyJson({ a: [1, 2n], b: {}, c: [{ d: null }], e: [] })).to.equal(
      ['{', '  "a": [1, 2],', '  "b": {},', '  "c": [', '    {', '      "d": null', '    }', '  ],', '  "e": []', '}'].join('\n'),
    );
  });
});

describe('JSON report', () => {
  const output = [...json.render(sampleReport(), PLAIN)].join('');

  it('is valid', () => {
    expectValidReport(output);
  });

  it('holds all that the report holds, times to the nanosecond', () => {
    const revived: unknown = JSON.parse(output.replaceAll(/("(?:\w+_)?(?:start|end|first|last)_?ns": )(\d+)/g, '$1"$2"'));
    const expected: unknown = JSON.parse(JSON.stringify(sampleReport(), (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)));
    expect(revived).to.deep.equal(expected);
    expect(output).to.include(`"first_ns": ${SAMPLE_START}`);
  });

  it('has the keys in the order of the contract', () => {
    expect(Object.keys(JSON.parse(output) as object)).to.deep.equal(['schema', 'tool', 'capture', 'totals', 'findings', 'servers', 'series']);
  });

  it('is the same for the same report', () => {
    expect([...json.render(sampleReport(), PLAIN)].join('')).to.equal(output);
  });

  it('is refused by the schema when a key is missing, unknown or of another type', () => {
    const without: { [key: string]: unknown } = { ...sampleReport() };
    delete without['totals'];
    expect(() => expectValidReport(compactJson(without))).to.throw(/totals/);
    expect(() => expectValidReport(compactJson({ ...sampleReport(), extra: 1 }))).to.throw(/extra/);
    expect(() => expectValidReport(compactJson(sampleReport({ findings: [{ ...sampleFinding(), severity: 'grave' as 'high' }] })))).to.throw(/severity/);
    const report = sampleReport();
    report.capture.packets.analysed--;
    expect(() => expectValidReport(compactJson(report))).to.throw(/packets analysed/);
  });
});

describe('NDJSON report', () => {
  it('writes findings as they come and the rest of the report last', () => {
    const { findings, ...rest } = sampleReport();
    const finding = ndjson.events?.finding(findings[0]) ?? '';
    expect(finding.indexOf('\n')).to.equal(finding.length - 1);
    expect(finding).to.match(/^\{"type":"finding","rule":"close-wait-leak",/);
    const summary = [...ndjson.render(sampleReport(), PLAIN)].join('');
    expect(summary.indexOf('\n')).to.equal(summary.length - 1);
    expect(summary).to.equal(`${compactJson({ type: 'summary', ...rest, findings_by_severity: { info: 1, low: 0, medium: 1, high: 1, critical: 0 } })}\n`);
  });
});
