import { ENDING, Kind, KIND_LIMIT } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { SlotNumbers } from './slot-numbers.ts';

/** Rules whose `afterwards` is kept to; of any further ones all is told. */
const MOST_FOLLOWING = 31;

/** In the place of a kind: FLOW_ENDED of a flow that was orderly. */
const ORDERLY_END = KIND_LIMIT;

/** Who is given the observations of a kind. */
interface Audience {
  /** Rules that are given all of them. */
  rules: RunningRule[];
  /** Rules that are given those of flows that they were told of before, and the bit of each. */
  followers: RunningRule[];
  bits: number[];
  /** The bits of the rules that are told of a flow by this kind. */
  tells: number;
}

/** Hands each observation to the rules that watch its kind, in the order of the list; then to those that want the kind `afterwards`. */
export class Dispatcher {
  #audiences: Audience[] = Array.from({ length: KIND_LIMIT + 1 }, () => ({ rules: [], followers: [], bits: [], tells: 0 }));
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
      if (watched.has(Kind.FLOW_ENDED) && rule.skipsOrderly !== true) this.#give(ORDERLY_END, running, 0, bit);
      else if (rule.afterwards?.includes(Kind.FLOW_ENDED) === true) this.#give(ORDERLY_END, running, bit, 0);
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
    this.#audiences = audiences.map(({ rules, followers, bits, tells }) => ({
      rules: rules.filter(({ state }) => state !== undefined),
      followers: followers.filter(({ state }) => state !== undefined),
      bits: bits.filter((_, index) => followers[index].state !== undefined),
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
    const audience = this.#audiences[kind];
    return audience !== undefined && audience.rules.length + audience.followers.length > 0;
  }

  dispatch(observation: Observation): void {
    const { kind, b } = observation;
    const isEnd = kind === Kind.FLOW_ENDED;
    const audience = this.#audiences[isEnd && (b & ENDING.ORDERLY) !== 0 ? ORDERLY_END : kind];
    if (audience === undefined) return;
    const { rules, followers, tells } = audience;
    for (let index = 0; index < rules.length; index += 1) rules[index].observe(observation);
    if (isEnd || tells !== 0 || followers.length > 0) this.#follow(observation, audience);
  }

  /** The capture has ended. */
  finish(): void {
    for (const rule of this.#running) rule.finish();
  }

  #follow(observation: Observation, { followers, bits, tells }: Audience): void {
    const { kind, flow } = observation;
    const told = this.#told.of(flow) | tells;
    if (told === 0) return;
    for (let index = 0; index < followers.length; index += 1) if ((bits[index] & told) !== 0) followers[index].observe(observation);
    this.#told.note(flow, kind === Kind.FLOW_ENDED ? 0 : told);
  }

  #give(kind: number, rule: RunningRule, only: number, tells: number): void {
    const audience = this.#audiences[kind];
    if (audience === undefined) return;
    if (only === 0) audience.rules.push(rule);
    else {
      audience.followers.push(rule);
      audience.bits.push(only);
    }
    audience.tells |= tells;
  }
}
