import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';

const schema = JSON.parse(readFileSync(new URL('../../../schema/report.schema.json', import.meta.url), 'utf8')) as object;
const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema);

const SHOWN = 5;

/**
 * Fails unless the text is a report as schema/report.schema.json has it, whose packets add up. Times lose their last digits in
 * `JSON.parse`, which matters to no type.
 */
export function expectValidReport(jsonText: string): void {
  const report: unknown = JSON.parse(jsonText);
  const valid = validate(report);
  const problems = (validate.errors ?? []).slice(0, SHOWN).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
  expect(valid, problems.join('\n')).to.equal(true);
  const { packets } = (report as { capture: { packets: { read: number; analysed: number; left_out: { [reason: string]: number } } } }).capture;
  const leftOut = Object.values(packets.left_out).reduce((sum, n) => sum + n, 0);
  expect(packets.analysed + leftOut, 'packets analysed and left out').to.equal(packets.read);
}
