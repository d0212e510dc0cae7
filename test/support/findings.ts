import type { Finding } from '../../src/core/index.ts';
import { SEVERITIES } from '../../src/core/index.ts';

/** Rules about the capture itself: they accuse nobody. */
const ABOUT_THE_CAPTURE: ReadonlySet<string> = new Set(['capture-loss', 'asymmetric-capture', 'midstream', 'bad-checksum']);

/** Is something wrong with the traffic, by this finding? */
export function accuses({ rule, severity }: Finding): boolean {
  return severity !== 'info' && !ABOUT_THE_CAPTURE.has(rule);
}

/** At least `medium`, and about the traffic. */
export function alarms(finding: Finding): boolean {
  return accuses(finding) && SEVERITIES.indexOf(finding.severity) >= SEVERITIES.indexOf('medium');
}

/** Does the finding speak of `endpoint` (or of its host), in its subject or its facts? */
export function mentions({ subject, facts, title }: Finding, endpoint: string): boolean {
  const text = JSON.stringify([subject, facts, title]);
  return text.includes(endpoint) || text.includes(hostOf(endpoint));
}

/** Is `endpoint` (or an address) what the finding accuses? */
export function isAbout({ subject }: Finding, endpoint: string): boolean {
  switch (subject.kind) {
    case 'flow':
      return [subject.client, subject.server].some((end) => end === endpoint || hostOf(end) === endpoint);
    case 'endpoint':
      return subject.endpoint === endpoint || hostOf(subject.endpoint) === endpoint;
    case 'host':
      return subject.host === endpoint || subject.host === hostOf(endpoint);
    case 'capture':
      return false;
  }
}

/** "severity rule" of each, for messages. */
export function summaries(findings: readonly Finding[]): string[] {
  return findings.map(({ severity, rule, subject }) => `${severity} ${rule} ${JSON.stringify(subject)}`);
}

function hostOf(endpoint: string): string {
  const match = /^\[?(.*?)\]?:\d+$/.exec(endpoint);
  return match?.[1] ?? endpoint;
}
