/** Numbers and times as a person reads them. */

const MILLISECONDS_OF_DATE = 8_640_000_000_000_000n;
const NANOSECONDS = 1_000_000_000n;

/** Quotient and remainder that fit times before 1970, too. */
function floorDivide(value: bigint, by: bigint): [bigint, bigint] {
  const remainder = ((value % by) + by) % by;
  return [(value - remainder) / by, remainder];
}

/**
 * A time in UTC as ISO 8601, with microseconds, or nanoseconds where there are any: `2024-05-01T12:00:03.123456Z`.
 *
 * @param ns nanoseconds since the epoch; beyond the years that ISO dates reach it is written as seconds, `@9999999999999.5`
 */
export function isoTime(ns: bigint): string {
  const [seconds, rest] = floorDivide(ns, NANOSECONDS);
  const digits = String(rest).padStart(9, '0');
  const fraction = digits.endsWith('000') ? digits.slice(0, 6) : digits;
  const milliseconds = seconds * 1000n;
  if (milliseconds > MILLISECONDS_OF_DATE || milliseconds < -MILLISECONDS_OF_DATE) return `@${seconds}.${fraction}`;
  return `${new Date(Number(milliseconds)).toISOString().slice(0, -5)}.${fraction}Z`;
}

/** A number with thousands separated by commas and at most three decimals; none from 100 up. */
export function count(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const text = Number.isInteger(value) ? String(value) : String(Number(value.toFixed(Math.abs(value) >= 100 ? 0 : 3)));
  if (!/^-?\d+(\.\d+)?$/.test(text)) return text;
  const [whole, decimals] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}

/** "1 connection", "2 connections". */
export function plural(value: number, noun: string, nouns = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : nouns}`;
}

/** Three significant digits at most, without trailing zeros. */
function brief(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A duration in the unit that suits it: `85 µs`, `1.25 ms`, `12.3 s`, `13 min 7 s`, `3 h 12 min`, `2 d 4 h`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-';
  if (seconds < 0) return `-${duration(-seconds)}`;
  if (seconds === 0) return '0 s';
  if (seconds < 999.5e-6) return `${brief(seconds * 1e6)} µs`;
  if (seconds < 0.9995) return `${brief(seconds * 1e3)} ms`;
  if (seconds < 59.95) return `${brief(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return pair(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(seconds / 3600);
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${count(large)} ${largeUnit}` : `${count(large)} ${largeUnit} ${small} ${smallUnit}`;
}

/** Bytes in decimal units: `512 B`, `1.45 kB`, `12.3 MB`. */
export function bytes(value: number): string {
  return scaled(value, 'B');
}

/** Bits per second in decimal units: `512 bit/s`, `12.3 Mbit/s`. */
export function bitRate(value: number): string {
  return scaled(value, 'bit/s');
}

function scaled(value: number, unit: string): string {
  let rest = value;
  for (const prefix of ['', 'k', 'M', 'G']) {
    if (Math.abs(rest) < 999.5) return `${brief(rest)} ${prefix}${unit}`;
    rest /= 1000;
  }
  return `${brief(rest)} T${unit}`;
}

/** A share from 0 to 1 as a percentage: `0 %`, `0.031 %`, `12.5 %`. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${brief(share * 100)} %` : '-';
}
