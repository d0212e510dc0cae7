import type { Logger } from 'pino';

let logger: Promise<Logger> | undefined;

/**
 * The log: JSON lines on standard error at the level that SYNOPTIC_LOG names ("debug", "info" …); null when it names none. pino is
 * loaded at the first use, so that a run that logs nothing does not pay for it.
 */
export function log(): Promise<Logger> | null {
  const level = process.env['SYNOPTIC_LOG'];
  if (!level) return null;
  logger ??= import('pino').then(({ pino }) => {
    const known = level in pino.levels.values;
    return pino({ name: 'synoptic', level: known ? level : 'info' }, pino.destination({ dest: 2, sync: true }));
  });
  return logger;
}
