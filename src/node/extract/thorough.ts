import type { AuditOptions } from '../../core/index.ts';

/** Packets and flows listed with a finding where what it rests on is to be found again. */
const EVIDENCE = 100_000;

/** The options, but that findings list as much of their evidence as anyone needs; the caller's own setting goes before. */
export function thorough<Options extends AuditOptions>(options: Options): Options {
  return { ...options, set: { 'report.evidence': EVIDENCE, ...options.set } };
}
