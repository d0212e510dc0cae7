import type { AuditOptions } from '../../core/index.ts';

/** Most packets and flows listed with a finding when its evidence is to be extracted. */
const EVIDENCE = 100_000;

/** The options, with findings that list practically all of their evidence, unless the caller has set that. */
export function thorough<Options extends AuditOptions>(options: Options): Options {
  return { ...options, set: { 'report.evidence': EVIDENCE, ...options.set } };
}
