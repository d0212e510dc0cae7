import { Kind, KIND_LIMIT } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { SlotNumbers } from './slot-numbers.ts';

/** Rules whose `afterwards` is kept to; of any further ones all is told. */
const MOST_FOLLOWING = 31;

/** Who is given the observations of a kind. */
interface Audience {
  rules: RunningRule[];
  /** For each rule the bit of it, where it wants the kind only of a flow that it was told of before; else 0. */
  only: number[];
  /** The bits of the rules that are told of a flow by this kind. */
  tells: number;
}

/** Hands each observation to the rules that watch its kind, in the order of the list. */
export class Dispatcher {
  #audiences: Audience[] = Array.from({ length: KIND_LIMIT }, () => ({ rules: [], only: [], tells: 0 }));
  #running: RunningRule[] = [];
  /** Which of the rules with `afterwards` were told of each flow, by bits. */
  readonly #told = new SlotNumbers();

  /** Starts the rules. Throws when two have the same id: a mistake in the list, not of a user. */
  constructor(rules: readonly Rule[], contextOf: (rule: Rule) => RuleContext) {
    const ids = new Set<string>();
    let following = 0;
    for (const rule of rules) {
      if (ids.has(rule.id)) throw new Error(`two rules are called "${rule.id}"`);
      ids.add(rule.id);
      const running = rule.start(contextOf(rule));
      this.#running.push(running);
      const bit = rule.afterwards === undefined || following === MOST_FOLLOWING ? 0 : 1 << following++;
      const watched = new Set(rule.watches);
      for (const kind of watched) this.#give(kind, running, 0, bit);
      for (const kind of new Set(rule.afterwards)) if (!watched.has(kind)) this.#give(kind, running, bit, 0);
    }
  }

  /** What the rules remember, and what is remembered of whom they were told. */
  states(): readonly unknown[] {
    return [this.#told, ...this.#running.map(({ state }) => state)];
  }

  /** Acts while only the rules take part whose state a snapshot can put back. */
  withRemembered<Result>(act: () => Result): Result {
    const audiences = this.#audiences;
    const running = this.#running;
    this.#audiences = audiences.map(({ rules, only, tells }) => ({
      rules: rules.filter(({ state }) => state !== undefined),
      only: only.filter((_, index) => rules[index].state !== undefined),
      tells,
    }));
    this.#running = running.filter(({ state }) => state !== undefined);
    try {
      return act();
    } finally {
      this.#audiences = audiences;
      this.#running = running;
    }
  }

  /** True when some rule watches this kind: others need not be made. */
  watches(kind: number): boolean {
    return (this.#audiences[kind]?.rules.length ?? 0) > 0;
  }

  dispatch(observation: Observation): void {
    const { kind, flow } = observation;
    const audience = this.#audiences[kind];
    if (audience === undefined) return;
    const { rules, only, tells } = audience;
    const told = this.#told.of(flow) | tells;
    if (tells !== 0) this.#told.note(flow, told);
    for (let index = 0; index < rules.length; index += 1) {
      if (only[index] === 0 || (only[index] & told) !== 0) rules[index].observe(observation);
    }
    if (kind === Kind.FLOW_ENDED && told !== 0) this.#told.note(flow, 0);
  }

  /** The capture has ended. */
  finish(): void {
    for (const rule of this.#running) rule.finish();
  }

  #give(kind: Kind, rule: RunningRule, only: number, tells: number): void {
    const audience = this.#audiences[kind];
    if (audience === undefined) return;
    audience.rules.push(rule);
    audience.only.push(only);
    audience.tells |= tells;
  }
}
