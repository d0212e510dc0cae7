import type { ReportFormat } from './format.ts';
import { compactJson } from './json-writer.ts';
import { flowMembers } from './ndjson-rows.ts';
import { countsBySeverity } from './words.ts';

function line(type: string, value: object): string {
  return `${compactJson({ type, ...value })}\n`;
}

/**
 * One object per line, each with a `type`: `finding` as soon as it is certain, `flow` when a flow ends, and last `summary`, the rest of the
 * report. A live audit adds `provisional` and `withdrawn` findings, a `summary` of the totals after every interval, and another `flow`,
 * `revised`, when a row has changed.
 */
export const ndjson: ReportFormat = {
  name: 'ndjson',
  extension: 'ndjson',
  summary: 'one JSON object a line: findings and flows as they become certain, the summary last',
  events: {
    finding: (finding) => line('finding', finding),
    flow: (row, isRevised) => `{"type":"flow",${flowMembers(row)}${isRevised ? ',"revised":true' : ''}}\n`,
    provisional: (finding, isGone) => line(isGone ? 'withdrawn' : 'provisional', finding),
    interim: (summary) => line('summary', summary),
  },
  *render({ findings, ...rest }) {
    yield line('summary', { ...rest, findings_by_severity: countsBySeverity(findings) });
  },
};
