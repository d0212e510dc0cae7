/*
 * audit.js SOURCE INTERFACE PCAP REPORT: a live audit that keeps what its source gave in PCAP. Says "listening"; answers each line on
 * its standard input with a line, the rows of all flows as JSON; on SIGINT ends, with the report, and the rows told, in REPORT.
 */
import { openSync, writeFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { auditLive, type FlowRow } from '../../../../src/node/index.ts';
import { toJson } from '../../../support/analyse.ts';

const [, , source, name, pcap, file] = process.argv;
const kept = openSync(pcap, 'w');
const flows: FlowRow[] = [];
const audit = await auditLive(name, { source: source as 'tcpdump' | 'dumpcap' | 'cap', filter: 'tcp' });
audit.attach({ bytes: (chunk) => void writeSync(kept, chunk), flow: (row) => flows.push(row) });
createInterface({ input: process.stdin }).on('line', () => process.stdout.write(`${toJson([...audit.flows()])}\n`));
process.on('SIGINT', () => audit.stop());
const running = audit.run();
process.stdout.write('listening\n');
const report = await running;
writeFileSync(file, toJson({ report, flows, counters: audit.counters() }));
process.exit(0);
