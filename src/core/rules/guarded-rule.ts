import type { Observation } from '../observations.ts';
import type { Fact, Subject } from '../report/report.ts';
import { problemOfDraft, problemOfExplanation } from './draft-check.ts';
import { RuleError } from './errors.ts';
import type { Draft, Explanation, Rule, RuleContext, RunningRule } from './rule.ts';

/** "at observe (file:///home/me/own-rule.js:40:12)": the file and line of the first frame of a stack. */
const PLACE = /\bat .*?([^/\\(\s]+\.[cm]?[jt]s:\d+):\d+\)?/;

/**
 * The rule, watched while it works: whatever it throws becomes a `RuleError` that names the rule and the packet, and what it reports is
 * checked before it goes on. For rules that are not ours; ours need no guard, and their observations no extra call.
 */
export function guarded(rule: Rule): Rule {
  const { id, title, summary, severities, references, aliases, underFaults, options, watches, examples } = rule;
  return {
    id, title, summary, severities, references, aliases, underFaults, options, watches, examples,
    ...(rule.afterwards && { afterwards: rule.afterwards }),
    ...(rule.skipsOrderly && { skipsOrderly: rule.skipsOrderly }),
    ...(rule.timed && { timed: rule.timed }),
    start: (context) => new GuardedRule(rule, context),
    ...(rule.explains && { explains: (draft) => attempt(rule, 'in explains()', () => rule.explains?.(draft) ?? '') }),
    ...(rule.explainedBy && { explainedBy: (draft) => attempt(rule, 'in explainedBy()', () => rule.explainedBy?.(draft) ?? []) }),
    explain: (facts, subject) => explained(rule, facts, subject),
  };
}

class GuardedRule implements RunningRule {
  readonly state: unknown;
  readonly #rule: Rule;
  readonly #running: RunningRule;
  /** Of the observation at hand; null before the first one and after the last. */
  #packet: number | null = null;

  constructor(rule: Rule, context: RuleContext) {
    this.#rule = rule;
    const running: unknown = attempt(rule, 'as it started', () => rule.start({ ...context, report: (draft) => this.#report(draft, context) }));
    if (!isRunning(running)) throw new RuleError(rule.id, `rule ${rule.id}: start() must return an object with the functions observe and finish`);
    this.#running = running;
    this.state = running.state;
  }

  observe(observation: Observation): void {
    this.#packet = observation.packet;
    try {
      this.#running.observe(observation);
    } catch (error) {
      throw failure(this.#rule, this.#packet, `at packet ${this.#packet}`, error);
    }
  }

  finish(): void {
    this.#packet = null;
    attempt(this.#rule, 'at the end of the capture', () => this.#running.finish());
  }

  #report(draft: Draft, context: RuleContext): void {
    const problem = problemOfDraft(draft, this.#rule);
    const where = this.#packet === null ? '' : ` at packet ${this.#packet}`;
    if (problem !== null) throw new RuleError(this.#rule.id, `rule ${this.#rule.id} reported a finding${where} whose ${problem}`, this.#packet);
    context.report(draft);
  }
}

function explained(rule: Rule, facts: { readonly [name: string]: Fact }, subject: Subject): Explanation {
  const explanation = attempt(rule, 'in explain()', () => rule.explain(facts, subject));
  const problem = problemOfExplanation(explanation);
  if (problem !== null) throw new RuleError(rule.id, `rule ${rule.id}: explain() must return { explanation: text, advice: list of texts }: ${problem}`);
  return explanation;
}

/** Does something for the rule that no packet is at hand for. */
function attempt<Result>(rule: Rule, when: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw failure(rule, null, when, error);
  }
}

function isRunning(value: unknown): value is RunningRule {
  return typeof value === 'object' && value !== null && 'observe' in value && 'finish' in value && typeof value.observe === 'function' && typeof value.finish === 'function';
}

/** What a rule threw, in one line. */
function failure(rule: Rule, packet: number | null, when: string, thrown: unknown): RuleError {
  if (thrown instanceof RuleError) return thrown;
  const place = thrown instanceof Error ? PLACE.exec(thrown.stack ?? '')?.[1] : undefined;
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  const problem = `rule ${rule.id} failed ${when}: ${what.replaceAll(/\s*\n\s*/g, ' ')}${place === undefined ? '' : ` (${place})`}`;
  return new RuleError(rule.id, problem, packet, { cause: thrown });
}
