// node docs/examples/audit.mjs CAPTURE...: the findings of a capture, and the connections that its servers have not closed.
// In this repository it needs a build first (npm run build); elsewhere, npm install synoptic.
import { auditFile, InputError } from 'synoptic';

const captures = process.argv.slice(2);
/** Connections by server of which only the client has closed its half. */
const waiting = new Map();

try {
  const report = await auditFile(captures, { skip: ['midstream'] }, {
    flow(row) {
      if (row.outcome === 'half-closed' && row.closed_first === 'client') waiting.set(row.server, (waiting.get(row.server) ?? 0) + 1);
    },
  });
  const { packets, files } = report.capture;
  console.log(`${packets.analysed} of ${packets.read} packets analysed, ${report.totals.flows} connections`);
  for (const { name, damage } of files) {
    if (damage !== null) console.log(`${name} is damaged at byte ${damage.offset}: ${damage.reason}`);
  }
  for (const finding of report.findings) {
    // Times are bigint: nanoseconds since the epoch do not fit a number.
    const since = new Date(Number(finding.first_ns / 1_000_000n)).toISOString();
    console.log(`${finding.severity}: ${finding.title} (${finding.rule}), ${finding.count} times since ${since}, packet ${finding.evidence.packets[0]}`);
  }
  for (const [server, connections] of waiting) console.log(`${server} has ${connections} connections that it has not closed`);
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
