import { type Finding, isAtLeast, RULES, SEVERITIES, type Severity } from '../../core/index.ts';

/** If more findings than this are remembered as told, those that the analysis has dropped meanwhile are forgotten. */
const MOST_TOLD = 65_536;

/** How the findings that are not certain have changed. */
export interface Provisional {
  appeared: Finding[];
  /** As they were last seen. */
  gone: Finding[];
}

/**
 * Selects the findings to tell: each once, and again when it has become more severe. Findings of one rule about one place are the same. The
 * place of a finding about a connection is the server.
 */
export class FindingStream {
  /** Severity of each finding told as certain. */
  readonly #told = new Map<string, number>();
  readonly #counts = SEVERITIES.map(() => 0);
  #provisional = new Map<string, Finding>();

  /** How many findings were told, by the severity that each was last told with. */
  counts(): { [severity in Severity]: number } {
    return Object.fromEntries(SEVERITIES.map((severity, index) => [severity, this.#counts[index]])) as { [severity in Severity]: number };
  }

  /**
   * Those of `settled` (from `Engine.settledFindings`) to tell now, because they are certain (see `isCertain`). The others wait until they
   * are, or until the capture ends.
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

  /** What has changed since the last call among the findings of a snapshot that were not told as certain. */
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
 * Whether a finding of `Engine.settledFindings` is certain. It rests on packets that came and flows that ended, so nothing takes it back,
 * unless it is a hint (low confidence), or may turn out to be the small beginning of a scan or flood.
 */
export function isCertain({ rule, severity, confidence }: Finding): boolean {
  return confidence !== 'low' && (!PARTS.has(rule) || isAtLeast(severity, 'medium'));
}

/** The rule of a finding and the place that it is about; for a connection, the server. */
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
