import type { Rule } from './rules/rule.ts';

/** Settings of the engine itself; rules have their own (`rules/rule.ts`). */
export const ENGINE_OPTIONS = {
  'capture.reorder-window': {
    default: 0.001,
    unit: 'seconds',
    meaning: 'frames whose time is up to this much before an earlier frame are put back in order',
  },
  'capture.duplicate-window': {
    default: 0.05,
    unit: 'seconds',
    meaning: 'the same packet seen twice within this time (60 at most) is one packet, captured twice',
  },
  'flows.maximum': {
    default: 4_000_000,
    unit: 'flows',
    meaning: 'flows kept at once; beyond it the longest idle ones are evicted, counted and reported',
  },
  'fragments.maximum': {
    default: 16_777_216,
    unit: 'bytes',
    meaning: 'memory for IP fragments that wait for the rest of their datagram',
  },
  'report.evidence': {
    default: 20,
    unit: 'packets',
    meaning: 'packet and flow numbers listed with a finding; the rest is counted',
  },
} as const satisfies { readonly [name: string]: { default: number; unit: string; meaning: string } };

export type EngineOption = keyof typeof ENGINE_OPTIONS;

/** What may be set for an analysis. Everything has a default. */
export interface AuditOptions {
  /** Ids of the rules to run; all by default. */
  rules?: readonly string[];
  /** Ids of rules not to run. */
  skip?: readonly string[];
  /** Values by `rule.option` or engine option name ("close-wait-leak.minimum", "flows.maximum"). */
  set?: { readonly [name: string]: number };
  /** Rules of the caller's own, besides those of synoptic: see docs/library.md. They are checked: `RuleError` is thrown for what is not a rule. */
  extraRules?: readonly Rule[];
}

/** The options that were given, as they stand in the report. */
export function describeOptions(options: AuditOptions) {
  return {
    ...(options.rules !== undefined && { rules: [...options.rules] }),
    ...(options.skip !== undefined && { skip: [...options.skip] }),
    ...(options.set !== undefined && { set: { ...options.set } }),
    ...(options.extraRules !== undefined && { extra_rules: options.extraRules.map(({ id }) => id) }),
  };
}
