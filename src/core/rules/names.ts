import type { Rule } from './rule.ts';

/** What a name stands for among rules. */
export interface Named {
  rules: readonly Rule[];
  /** The name is only a part of theirs: which of them is meant is open. */
  isPart: boolean;
}

/**
 * The rules that a name stands for: an id, what peers or textbooks call it (in any spelling: `SYN_inside_connection`, "syn inside connection",
 * with the namespace that a peer puts before it: `stream.est_syn_resend`), or a part of such a name.
 */
export function rulesNamed(name: string, all: readonly Rule[]): Named {
  const exact = all.find(({ id }) => id === name.toLowerCase());
  if (exact !== undefined) return { rules: [exact], isPart: false };
  for (const wanted of new Set([name, name.slice(name.lastIndexOf('.') + 1)].map(spelling))) {
    const same = all.filter((rule) => namesOf(rule).includes(wanted));
    if (same.length > 0) return { rules: same, isPart: false };
    const part = all.filter((rule) => namesOf(rule).some((each) => each.includes(wanted)));
    if (part.length > 0) return { rules: part, isPart: true };
  }
  return { rules: [], isPart: true };
}

function namesOf({ id, aliases }: Rule): string[] {
  return [id, ...aliases].map(spelling);
}

/** Peers write the same name with other capitals, and with another sign between its words. */
function spelling(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim();
}
