import type { LiveOptions } from '../live/audit-live.ts';
import { DEFAULT_BUFFER_KIB, DEFAULT_SNAPLEN } from '../live/audit-live.ts';
import { SOURCE_CHOICES } from '../live/sources/open.ts';
import { UsageError } from './errors.ts';
import { type OptionTable, type Values, wholeNumber } from './options.ts';

const DEFAULT_INTERVAL_SECONDS = 10;

/** The options of `synoptic live` about the capture and its streams. */
export const LIVE_OPTIONS = {
  source: { kind: 'text', value: 'NAME', summary: 'who captures', choices: SOURCE_CHOICES, group: 'Capture:' },
  list: { kind: 'flag', summary: 'list the interfaces', group: 'Capture:' },
  snaplen: { kind: 'text', value: 'BYTES', summary: `kept of each packet (${DEFAULT_SNAPLEN}: headers and options, tunnels included)`, group: 'Capture:' },
  buffer: { kind: 'text', value: 'KIB', summary: `size of the kernel's buffer (${DEFAULT_BUFFER_KIB})`, group: 'Capture:' },
  duration: { kind: 'text', value: 'SECONDS', summary: 'end after so long', group: 'Capture:' },
  count: { kind: 'text', alias: 'c', value: 'PACKETS', summary: 'end after so many', group: 'Capture:' },
  interval: { kind: 'text', value: 'SECONDS', summary: `from one summary to the next (${DEFAULT_INTERVAL_SECONDS}; 0: none but the last)`, group: 'Output:' },
  'no-flows': { kind: 'flag', summary: 'of ndjson no object for each connection: findings and summaries only', group: 'Output:' },
  snapshot: { kind: 'text', value: 'FILE', summary: 'where SIGUSR1 writes the report as it stands (synoptic-snapshot-TIME.json)', group: 'Output:' },
} as const satisfies OptionTable;

/** What the command line says about the capture. Throws `UsageError`. */
export function captureOptions(values: Values): LiveOptions {
  const source = SOURCE_CHOICES.find((choice) => choice === values.texts.get('source'));
  const count = positive(values, 'count');
  return {
    ...(source !== undefined && { source }),
    ...(count !== undefined && { count }),
    snaplen: positive(values, 'snaplen') ?? DEFAULT_SNAPLEN,
    buffer: positive(values, 'buffer') ?? DEFAULT_BUFFER_KIB,
    interval: intervalOf(values),
  };
}

/** Seconds from one summary to the next; 0: none. Throws `UsageError`. */
export function intervalOf(values: Values): number {
  return seconds(values, 'interval') ?? DEFAULT_INTERVAL_SECONDS;
}

/** Seconds after which the capture ends; undefined: when it is stopped. Throws `UsageError`. */
export function durationOf(values: Values): number | undefined {
  const duration = seconds(values, 'duration');
  if (duration === 0) throw new UsageError('--duration 0: a number of seconds from 0.1; leave it out to end with Ctrl-C');
  return duration;
}

/** A timer of Node's holds 2^31 milliseconds: 24 days. */
const MOST_SECONDS = 2_147_483;

function seconds(values: Values, name: string): number | undefined {
  const text = values.texts.get(name);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === '' || !(number === 0 || (number >= 0.1 && number <= MOST_SECONDS))) {
    throw new UsageError(`--${name} ${text}: a number of seconds from 0.1 to ${MOST_SECONDS}`);
  }
  return number;
}

const MOST = 2 ** 31 - 1;

function positive(values: Values, name: string): number | undefined {
  return wholeNumber(values, name, `a whole number from 1 to ${MOST}`, 1, MOST);
}
