import type { Observation } from '../observations.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group, Verdict } from './occurrences.ts';
import type { RuleContext, RunningRule } from './rule.ts';

/** The rules that count what happened at each server and judge the count at the end. */
export interface PerServer {
  /** False: the observation does not count. */
  counts?(observation: Observation, context: RuleContext): boolean;
  /** Adds to the group's tallies. */
  note?(group: Group, observation: Observation, context: RuleContext): void;
  /** Null: not worth a finding. */
  judge(group: Group, context: RuleContext): Verdict | null;
}

export function perServer(plan: PerServer): (context: RuleContext) => RunningRule {
  return (context) => {
    const occurrences = new Occurrences(context);
    return {
      state: occurrences,
      observe(observation) {
        if (plan.counts !== undefined && !plan.counts(observation, context)) return;
        const group = occurrences.add(serverOf(context, observation.flow), observation);
        if (group !== null) plan.note?.(group, observation, context);
      },
      finish() {
        reportGroups(occurrences.groups.values(), context, (group) => plan.judge(group, context));
      },
    };
  };
}
