import type { Finding } from '../../../core/index.ts';
import { isAtLeast, isProblem, rulesByFlow, SEVERITIES } from '../../../core/index.ts';
import { placeOf } from '../finding-stream.ts';
import type { LiveView } from '../live-view.ts';
import { Paced } from './paced.ts';

/** How long a finding counts as new (milliseconds). */
const NEW = 15_000;

/**
 * All that would be reported if the capture ended now is dear: with many connections a reading takes most of a second, and is worth minutes. What is
 * certain, which is most of what is wrong, takes a fraction of that, and is read in between where readings have become so rare.
 */
const ALL = { interval: 1000, share: 0.004, advance: 200 };
const CERTAIN = { interval: 1000, share: 0.003, advance: 50 };

/** A finding, and when the screen first saw it. */
export interface FindingNews {
  finding: Finding;
  /** Identifies it from one reading to the next. */
  key: string;
  isNew: boolean;
}

/** The findings as they come, kept up to date at a bounded cost for any number of connections. */
export class FindingList {
  /** The most severe first. */
  all: readonly FindingNews[] = [];
  /** Those above `info`. */
  problems: readonly FindingNews[] = [];
  readonly #clock: () => number;
  readonly #asIfOver: Paced<readonly Finding[]>;
  readonly #certain: Paced<readonly Finding[]>;
  readonly #seen = new Map<string, number>();
  #rules: ReadonlyMap<number, string[]> = new Map();

  /** @param clock milliseconds */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#asIfOver = new Paced<readonly Finding[]>([], ALL, clock);
    this.#certain = new Paced<readonly Finding[]>([], CERTAIN, clock);
  }

  /** Reads what it is time for. */
  refresh(view: Pick<LiveView, 'report' | 'certain'>): void {
    // Not `findings()`: the view may pace that itself, and the first findings should come at once.
    if (this.#asIfOver.refresh(() => view.report().findings)) this.#note(this.#asIfOver.value);
    else if (this.#isInBetween && this.#certain.refresh(() => view.certain())) this.#note(joined(this.#asIfOver.value, this.#certain.value));
  }

  /** Whether reading the certain findings is worth it: not if all findings are to be read soon. */
  get #isInBetween(): boolean {
    return this.#asIfOver.wait > this.#certain.period;
  }

  /** The rules whose findings list a flow as evidence. */
  rulesOf(flow: number): string[] | undefined {
    return this.#rules.get(flow);
  }

  #note(findings: readonly Finding[]): void {
    const now = this.#clock();
    this.#rules = rulesByFlow(findings);
    const keys = new Set<string>();
    this.all = findings.map((finding): FindingNews => {
      const key = keyOf(finding);
      keys.add(key);
      const since = this.#seen.get(key) ?? now;
      this.#seen.set(key, since);
      return { finding, key, isNew: now - since < NEW };
    });
    this.problems = this.all.filter(({ finding }) => isProblem(finding));
    for (const key of this.#seen.keys()) if (!keys.has(key)) this.#seen.delete(key);
  }
}

/**
 * What was found as if the capture had ended a while ago, with what has become certain since: other findings, and more of the same. One about a
 * connection that is part of what is said of its server adds nothing.
 */
function joined(former: readonly Finding[], certain: readonly Finding[]): Finding[] {
  const findings = new Map(former.map((finding) => [keyOf(finding), finding]));
  const gravest = new Map<string, Finding>();
  // The most severe first.
  for (const finding of former) if (!gravest.has(placeOf(finding))) gravest.set(placeOf(finding), finding);
  for (const finding of certain) {
    const same = findings.get(keyOf(finding));
    const atPlace = gravest.get(placeOf(finding));
    const isMore = same === undefined ? atPlace === undefined || !isAtLeast(atPlace.severity, finding.severity) : isAtLeast(finding.severity, same.severity) && finding.count >= same.count;
    if (isMore) findings.set(keyOf(finding), finding);
  }
  return [...findings.values()].sort((one, other) => SEVERITIES.indexOf(other.severity) - SEVERITIES.indexOf(one.severity));
}

function keyOf({ rule, subject }: Finding): string {
  return `${rule} ${subject.kind === 'flow' ? subject.flow : subject.kind === 'endpoint' ? subject.endpoint : subject.kind === 'host' ? subject.host : ''}`;
}
