/* How the parts of a report are put into words, for all formats that people read. */
import type { Fact, Finding, Severity } from '../report/report.ts';
import { SEVERITIES } from '../report/report.ts';
import { bytes, count, duration, percent } from '../quantity.ts';

/** Whether a finding is a problem; those of `info` are merely worth knowing. */
export function isProblem(finding: Finding): boolean {
  return finding.severity !== 'info';
}

/** How many findings there are of each severity, the least severe first. */
export function countsBySeverity(findings: readonly Finding[]): { [severity in Severity]: number } {
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as { [severity in Severity]: number };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

/** What people call a capture of this name: `-` is standard input. */
export function captureName(name: string): string {
  return name === '-' ? 'standard input' : name;
}

/** Says so if the offset of damage counts decompressed bytes: in the file itself it would mislead. */
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

/** How a number is written if the name of its fact ends or begins with this word. */
const UNITS: { readonly [word: string]: (value: number) => string } = {
  seconds: duration,
  bytes,
};
/** Anywhere in a name, this word says that the number is a share. It is kept, to tell the share from the count of the same name. */
const SHARE = 'share';

/** Things named by a number: ports, packets, flows. Their numbers are no amounts and have no separators. */
const NAMED = /(^|_)(port|packet|flow)$/;
const NAMED_LIST = /(^|_)(ports|packets|flows)$/;

function isNameByNumber(name: string, fact: Fact): boolean {
  return NAMED.test(name) || (Array.isArray(fact) && NAMED_LIST.test(name));
}

/** A fact's name without its unit word, and the unit. */
function splitUnit(name: string): { words: string[]; unit: ((value: number) => string) | undefined } {
  const words = name.split('_');
  const last = UNITS[words.at(-1) ?? ''];
  // "…_in_60_seconds" is not a unit of the number.
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
