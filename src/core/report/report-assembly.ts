import type { CaptureClock } from '../capture/clock.ts';
import type { CaptureFile } from '../capture/summary.ts';
import type { Connections } from '../flow/connections.ts';
import { REASON_NAMES } from '../wire/segment.ts';
import type { Accounts } from './accounts.ts';
import type { Lifetimes } from './lifetimes.ts';
import { type Finding, OUTCOMES, type Report, type StateCounts } from './report.ts';

/** What a report is made of. */
interface ReportParts {
  tool: Report['tool'];
  files: CaptureFile[];
  clock: CaptureClock;
  connections: Connections;
  accounts: Accounts;
  lifetimes: Lifetimes;
  /** Packets, as Wireshark counts them. */
  packets: number;
  duplicates: number;
  flows: number;
  /** Ends in each state when the capture ended. */
  statesAtEnd: StateCounts;
  findings: Finding[];
}

/** The report as plain data. */
export function assembleReport({ tool, files, clock, connections, accounts, lifetimes, packets, duplicates, flows, statesAtEnd, findings }: ReportParts): Report {
  const end = connections.latest;
  return {
    schema: 'synoptic-report/1',
    tool,
    capture: {
      files,
      start_ns: clock.toEpoch(0),
      end_ns: clock.toEpoch(end),
      duration: end / 1e9,
      packets: { read: packets, analysed: accounts.analysed, left_out: leftOutOf(accounts, packets, duplicates) },
      quality: accounts.quality.summary(),
    },
    totals: {
      flows,
      outcomes: Object.fromEntries(OUTCOMES.map((outcome, index) => [outcome, lifetimes.outcomes[index]]).filter(([, count]) => count !== 0)),
      states_at_end: statesAtEnd,
      evicted: { flows: lifetimes.evicted, oldest_age_seconds: lifetimes.oldestEvicted / 1e9 },
    },
    findings,
    servers: accounts.servers.rows((server) => connections.nameOfEndpoint(server)),
    series: accounts.series.series(end, clock.base ?? 0n),
  };
}

/** How many packets were not analysed, by reason. */
function leftOutOf(accounts: Accounts, packets: number, duplicates: number): { [reason: string]: number } {
  const leftOut: { [reason: string]: number } = {};
  REASON_NAMES.forEach((reason, index) => {
    if (accounts.leftOut[index] > 0) leftOut[reason] = accounts.leftOut[index];
  });
  if (duplicates > 0) leftOut['duplicate'] = duplicates;
  // Custom and some other blocks hold no frame, but Wireshark numbers them as packets.
  const frameless = packets - accounts.read;
  if (frameless > 0) leftOut['no_frame'] = frameless;
  return leftOut;
}
