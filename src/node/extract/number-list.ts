/** Numbers as people list them, "1,4-7": inclusive ranges. */
export type NumberList = readonly (readonly [first: number, last: number])[];

/** Reads the items of a list: positive numbers, or ranges of them; null if one is neither. */
export function parseNumbers(items: readonly string[]): NumberList | null {
  const ranges: (readonly [number, number])[] = [];
  for (const item of items) {
    const match = /^([1-9]\d*)(?:-([1-9]\d*))?$/.exec(item);
    if (match === null) return null;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first || !Number.isSafeInteger(last)) return null;
    ranges.push([first, last]);
  }
  return ranges;
}

export function listHas(list: NumberList, number: number): boolean {
  return list.some(([first, last]) => number >= first && number <= last);
}

/** The largest number of a list, 0 for an empty one. */
export function largestOf(list: NumberList): number {
  return list.reduce((largest, [, last]) => Math.max(largest, last), 0);
}

/** "1, 4-7" for numbers in any order: at most `longest` ranges, then how many numbers are left. */
export function listNumbers(numbers: Iterable<number>, longest: number): string {
  const sorted = [...new Set(numbers)].sort((one, other) => one - other);
  const ranges: [number, number][] = [];
  for (const number of sorted) {
    const latest = ranges.at(-1);
    if (latest !== undefined && latest[1] === number - 1) latest[1] = number;
    else ranges.push([number, number]);
  }
  const shown = ranges.slice(0, longest).map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  const left = ranges.slice(longest).reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return shown.join(', ') + (left > 0 ? ` and ${left} more` : '');
}
