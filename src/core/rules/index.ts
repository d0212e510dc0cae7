import { closeWaitLeak } from './close-wait-leak.ts';
import type { Rule } from './rule.ts';
import { synFlood } from './syn-flood.ts';

/** Every rule, in the order in which docs/rules.md shows them. A new rule is one line here. */
export const RULES: readonly Rule[] = [
  closeWaitLeak,
  synFlood,
];
