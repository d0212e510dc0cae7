/** How the parts of a report are put into words, for every format that people read. */
import type { Fact, Finding, Severity } from '../report/report.ts';
import { SEVERITIES } from '../report/report.ts';
import { bytes, count, duration, percent } from '../quantity.ts';

/** True for what is wrong; `info` findings are merely worth knowing. */
export function isProblem(finding: Finding): boolean {
  return finding.severity !== 'info';
}

/** How many findings there are of each severity, the least one first. */
export function countsBySeverity(findings: readonly Finding[]): { [severity in Severity]: number } {
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as { [severity in Severity]: number };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

/** What people call a capture of this name: `-` is what programs call standard input. */
export function captureName(name: string): string {
  return name === '-' ? 'standard input' : name;
}

/** Where the bytes are that the offset of a damage counts: in a compressed file nobody finds them by it otherwise. */
export function ofUnpacked({ compression }: { compression: string | null }): string {
  return compression === null ? '' : ' of the decompressed data';
}

/** The subject in a few words: an endpoint, a host, or both ends of a flow. */
export function subjectName({ subject }: Finding): string {
  switch (subject.kind) {
    case 'flow':
      return `${subject.client} → ${subject.server}`;
    case 'endpoint':
      return subject.endpoint;
    case 'host':
      return subject.host;
    case 'capture':
      return 'the capture';
  }
}

/** What a unit word at the end or the beginning of a fact's name says of its number. */
const UNITS: { readonly [word: string]: (value: number) => string } = {
  seconds: duration,
  bytes,
};
/** Anywhere in a name this word says that its number is a share. It stays: beside the number that it is a share of, "%" would not tell them apart. */
const SHARE = 'share';

/** What has a number for a name: a port, a packet, a flow. One of them, or a list, is no amount and takes no separators. */
const NAMED = /(^|_)(port|packet|flow)$/;
const NAMED_LIST = /(^|_)(ports|packets|flows)$/;

function isNameByNumber(name: string, fact: Fact): boolean {
  return NAMED.test(name) || (Array.isArray(fact) && NAMED_LIST.test(name));
}

/** A fact's name without its unit word, and the unit. */
function splitUnit(name: string): { words: string[]; unit: ((value: number) => string) | undefined } {
  const words = name.split('_');
  const last = UNITS[words.at(-1) ?? ''];
  // "in 60 seconds" is no unit of the number.
  if (words.length > 1 && !/^\d+$/.test(words.at(-2) ?? '') && last !== undefined) return { words: words.slice(0, -1), unit: last };
  return { words, unit: words.includes(SHARE) ? percent : UNITS[words[0]] };
}

/** Name and value of a fact as a person reads them: `hold_seconds: 341` is `hold: 5 min 41 s`. */
export function factText(name: string, fact: Fact): string {
  const { words, unit } = splitUnit(name);
  return `${words.join(' ')}: ${valueText(fact, unit ?? (isNameByNumber(name, fact) ? String : count))}`;
}

const LISTED = 8;

function valueText(fact: Fact, number: (value: number) => string): string {
  if (fact === null) return 'unknown';
  if (typeof fact === 'number') return number(fact);
  if (typeof fact === 'boolean') return fact ? 'yes' : 'no';
  if (typeof fact === 'string') return fact;
  if (Array.isArray(fact)) {
    const shown = fact.slice(0, LISTED).map((item) => valueText(item, number));
    if (fact.length > LISTED) shown.push(`and ${count(fact.length - LISTED)} more`);
    return shown.length === 0 ? 'none' : shown.join(', ');
  }
  const parts = Object.entries(fact).map(([name, value]) => {
    const { words, unit } = splitUnit(name);
    return `${words.join(' ')} ${valueText(value, unit ?? number)}`;
  });
  return parts.length === 0 ? 'none' : `(${parts.join(', ')})`;
}

/** Counts by name, the largest first: `closed 120, reset 4`. */
export function countsText(counts: { readonly [name: string]: number }, most = Infinity): string {
  const entries = Object.entries(counts).filter(([, n]) => n > 0).sort(([, a], [, b]) => b - a);
  const shown = entries.slice(0, most).map(([name, n]) => `${name} ${count(n)}`);
  if (entries.length > most) shown.push('…');
  return shown.join(', ');
}
