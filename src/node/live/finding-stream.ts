import { type Finding, isAtLeast, RULES, SEVERITIES, type Severity } from '../../core/index.ts';

/** When more findings are remembered as told, those that the analysis has given up meanwhile are forgotten. */
const MOST_TOLD = 65_536;

/** What has changed of the findings that are not certain. */
export interface Provisional {
  appeared: Finding[];
  /** As they were when they were last seen. */
  gone: Finding[];
}

/**
 * Tells each finding once, and once more when it has become more severe: by its rule and the place that it is about. What happens
 * again to a connection's server is the same finding, about the server.
 */
export class FindingStream {
  /** Severity of each finding told as certain. */
  readonly #told = new Map<string, number>();
  readonly #counts = SEVERITIES.map(() => 0);
  #provisional = new Map<string, Finding>();

  /** How many were told, each with the severity that it was told with last. */
  counts(): { [severity in Severity]: number } {
    return Object.fromEntries(SEVERITIES.map((severity, index) => [severity, this.#counts[index]])) as { [severity in Severity]: number };
  }

  /**
   * Those of `settled` (`Engine.settledFindings`) to be told now: see `isCertain`. The others wait until they are more than that, or until the
   * capture ends.
   */
  certain(settled: readonly Finding[]): Finding[] {
    if (this.#told.size > MOST_TOLD) this.#forgetAllBut(new Set(settled.map(placeOf)));
    return this.last(settled.filter(isCertain));
  }

  /** Those of the final report that are still to be told. */
  last(findings: readonly Finding[]): Finding[] {
    return findings.filter((finding) => {
      const key = placeOf(finding);
      const severity = SEVERITIES.indexOf(finding.severity);
      const told = this.#told.get(key) ?? -1;
      if (told >= severity) return false;
      if (told >= 0) this.#counts[told]--;
      this.#counts[severity]++;
      this.#told.set(key, severity);
      return true;
    });
  }

  #forgetAllBut(kept: ReadonlySet<string>): void {
    for (const key of this.#told.keys()) if (!kept.has(key)) this.#told.delete(key);
  }

  /** What has changed since the last call, of those in a snapshot that were not told as certain. */
  provisional(snapshot: readonly Finding[]): Provisional {
    const former = this.#provisional;
    this.#provisional = new Map(snapshot.filter((finding) => !this.#told.has(placeOf(finding))).map((finding) => [placeOf(finding), finding]));
    return {
      appeared: [...this.#provisional].filter(([key]) => !former.has(key)).map(([, finding]) => finding),
      gone: [...former].filter(([key]) => !this.#provisional.has(key) && !this.#told.has(key)).map(([, finding]) => finding),
    };
  }
}

/** Rules whose findings may become part of a wider one. */
const PARTS: ReadonlySet<string> = new Set(RULES.filter((rule) => rule.explainedBy !== undefined).map(({ id }) => id));

/**
 * Of a finding of `Engine.settledFindings`: it rests on packets that came and flows that ended, so nothing takes it back. Not a hint (low
 * confidence), nor what may turn out to be the small beginning of a scan or flood.
 */
export function isCertain({ rule, severity, confidence }: Finding): boolean {
  return confidence !== 'low' && (!PARTS.has(rule) || isAtLeast(severity, 'medium'));
}

/** Names the rule and the place that a finding is about: of a connection its server. */
export function placeOf({ rule, subject }: Finding): string {
  switch (subject.kind) {
    case 'flow':
      return `${rule} ${subject.server}`;
    case 'endpoint':
      return `${rule} ${subject.endpoint}`;
    case 'host':
      return `${rule} ${subject.host}`;
    case 'capture':
      return rule;
  }
}
