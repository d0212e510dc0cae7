import { KIND_LIMIT } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';

/** Hands each observation to the rules that watch its kind, in the order of the list. */
export class Dispatcher {
  #watchers: RunningRule[][] = Array.from({ length: KIND_LIMIT }, () => []);
  #running: RunningRule[] = [];

  /** Starts the rules. Throws when two have the same id: a mistake in the list, not of a user. */
  constructor(rules: readonly Rule[], contextOf: (rule: Rule) => RuleContext) {
    const ids = new Set<string>();
    for (const rule of rules) {
      if (ids.has(rule.id)) throw new Error(`two rules are called "${rule.id}"`);
      ids.add(rule.id);
      const running = rule.start(contextOf(rule));
      this.#running.push(running);
      for (const kind of new Set(rule.watches)) this.#watchers[kind]?.push(running);
    }
  }

  /** What the rules remember. */
  states(): readonly unknown[] {
    return this.#running.map(({ state }) => state);
  }

  /** Acts while only the rules take part whose state a snapshot can put back. */
  withRemembered<Result>(act: () => Result): Result {
    const watchers = this.#watchers;
    const running = this.#running;
    this.#watchers = watchers.map((all) => all.filter(({ state }) => state !== undefined));
    this.#running = running.filter(({ state }) => state !== undefined);
    try {
      return act();
    } finally {
      this.#watchers = watchers;
      this.#running = running;
    }
  }

  /** True when some rule watches this kind: others need not be made. */
  watches(kind: number): boolean {
    return (this.#watchers[kind]?.length ?? 0) > 0;
  }

  dispatch(observation: Observation): void {
    const watchers = this.#watchers[observation.kind];
    if (watchers === undefined) return;
    for (let index = 0; index < watchers.length; index += 1) watchers[index]?.observe(observation);
  }

  /** The capture has ended. */
  finish(): void {
    for (const rule of this.#running) rule.finish();
  }
}
