import { isIP } from 'node:net';
import type { Instant } from '../../core/index.ts';
import { UsageError } from './errors.ts';

const NANOSECONDS = 1_000_000_000n;
const FORMS = 'use +12.5s or +1h30m (after the first packet), an ISO time such as 2024-05-01T12:00:03.5Z, seconds since the epoch, or end';

const UNITS: { readonly [unit: string]: bigint } = { h: 3600n * NANOSECONDS, m: 60n * NANOSECONDS, s: NANOSECONDS, ms: 1_000_000n, us: 1000n, µs: 1000n, ns: 1n };

/** As written, exactly: "12.5" s is 12_500_000_000n. Digits beyond the ninth of the fraction are cut. */
function nanoseconds(whole: string, fraction = '', unit = NANOSECONDS): bigint {
  return BigInt(whole) * unit + (BigInt(fraction.slice(0, 9).padEnd(9, '0')) * unit) / NANOSECONDS;
}

/** Reads "1h30m", "250ms", "12.5": a length of time in units that are added up; a number without one is seconds. */
function parseLength(text: string): bigint | undefined {
  const parts = [...text.matchAll(/(\d+)(?:\.(\d+))?(h|ms|m|s|us|µs|ns|$)/gy)];
  const isWhole = parts.map(([part]) => part).join('') === text;
  if (parts.length === 0 || !isWhole || (parts.length > 1 && parts.some(([, , , unit]) => unit === ''))) return undefined;
  return parts.reduce((sum, [, whole, fraction, unit]) => sum + nanoseconds(whole, fraction, UNITS[unit]), 0n);
}

/**
 * Reads a TIME of the command line.
 *
 * Throws `UsageError` for anything else than the four forms. An ISO time without a zone is UTC.
 *
 * @param option whose value it is, for the message
 */
export function parseInstant(text: string, option: string): Instant {
  if (text === 'end') return { kind: 'end' };
  const relative = text.startsWith('+') ? parseLength(text.slice(1)) : undefined;
  if (relative !== undefined) return { kind: 'relative', ns: relative };
  const epoch = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (epoch) return { kind: 'epoch', ns: nanoseconds(epoch[1], epoch[2]) };
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(text);
  if (iso) {
    const [, date, minutes = '00:00', seconds = '00', fraction, zone = 'Z'] = iso;
    const hours = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
    const milliseconds = Date.parse(`${date}T${minutes}:${seconds}${hours}`);
    if (!Number.isNaN(milliseconds)) return { kind: 'epoch', ns: BigInt(milliseconds) * 1_000_000n + nanoseconds('0', fraction) };
  }
  throw new UsageError(`${option} ${text}: not a time; ${FORMS}`);
}

/** An address in the spelling of the rows; throws `UsageError` for anything that is no IP address. */
export function parseHost(text: string): string {
  const address = text.replace(/^\[(.*)\]$/, '$1');
  switch (isIP(address)) {
    case 4:
      return address;
    case 6:
      return new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1);
    default:
      throw new UsageError(`--host ${text}: not an IP address`);
  }
}
