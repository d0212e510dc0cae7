import type { ReportFormat } from './format.ts';
import { prettyJson } from './json-writer.ts';

/** The whole report as one JSON object: what `schema/report.schema.json` describes. */
export const json: ReportFormat = {
  name: 'json',
  extension: 'json',
  summary: 'the whole report as one JSON object',
  *render(report) {
    yield prettyJson(report);
    yield '\n';
  },
};
