/** A setting, or the id of a rule, that does not exist or has no sensible value. The message names what does exist. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  /** What was asked for: "close-wait-leek", "syn-flood.minimum". */
  readonly option: string;
  /** The nearest name that exists, if one is near. */
  readonly suggestion: string | null;

  constructor(option: string, problem: string, suggestion: string | null = null) {
    super(suggestion === null ? problem : `${problem}; did you mean "${suggestion}"?`);
    this.option = option;
    this.suggestion = suggestion;
  }
}

/** A rule of the caller's own that cannot be used, or that failed at work. The message is one line. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  /** The rule's id; empty where it has none. */
  readonly rule: string;
  /** The packet whose observation the rule was given last; null when it was given none. */
  readonly packet: number | null;

  constructor(rule: string, problem: string, packet: number | null = null, options: { cause?: unknown } = {}) {
    super(problem, options);
    this.rule = rule;
    this.packet = packet;
  }
}

/** A line of a conversation that does not follow the notation. */
export class ConversationError extends Error {
  override readonly name = 'ConversationError';
  readonly line: number;

  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`);
    this.line = line;
  }
}

/** The known name nearest to what was typed: a third of its letters may be wrong. Null when none is that near. */
export function nearest(typed: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.floor(typed.length / 3) + 1;
  for (const name of known) {
    const distance = name.startsWith(typed) && typed.length > 2 ? 1 : editDistance(typed, name);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions and replacements between two words (V. I. Levenshtein); words beyond 64 letters are cut. */
function editDistance(one: string, other: string): number {
  const from = one.slice(0, 64);
  const to = other.slice(0, 64);
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
