import type { ReportFormat } from '../../core/index.ts';
import type { Onlooker } from '../live/live-audit.ts';
import type { Session } from './session.ts';

/**
 * Writes findings, flows and summaries as they come, in a format that has events; nothing in one that has none.
 *
 * @param hasFlows false leaves out the flows: a log of findings is no place for every connection
 */
export function liveStream(session: Session, format: ReportFormat, hasFlows: boolean): Onlooker {
  const { events } = format;
  if (events === undefined) return {};
  return {
    finding(finding) {
      session.write(events.finding(finding));
      session.flush();
    },
    provisional(finding, isGone) {
      if (events.provisional !== undefined) session.write(events.provisional(finding, isGone));
    },
    flow(row, isRevised) {
      if (hasFlows) session.write(events.flow(row, isRevised));
    },
    summary(summary) {
      if (events.interim !== undefined) session.write(events.interim(summary));
    },
    tick() {
      session.flush();
    },
  };
}
