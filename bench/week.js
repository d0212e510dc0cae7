// node bench/week.js [PACKETS]: a live audit of a week of generated traffic, as fast as it goes, with its memory at the end of each
// day. The source stamps the packets a week long: clients that come and go, a flood each day from addresses that never come again,
// and servers that are scanned. Snapshots and findings are asked for as onlookers do.
import { LiveAudit } from '../dist/src/node/index.js';
import { PcapWriter } from './pcap-writer.js';
import { writeTraffic } from './traffic.js';

const DAYS = 7;
const SLOTS_A_DAY = 144;
const SLOT_MICROSECONDS = 600e6;
const packets = Number(process.argv[2] ?? 10_000_000);

/** Packets of one slot of ten minutes, by kind: shares of the whole. */
const perSlot = packets / (DAYS * SLOTS_A_DAY);
const KINDS = [
  // 512 clients of 96 servers.
  { share: 0.7, size: 10, spoofed: false, plan: () => ({ packets: 10, timestamps: true, request: 200, response: 1_400, acknowledgeEvery: 2 }) },
  // Clients that never come again.
  { share: 0.2, size: 10, spoofed: true, plan: () => ({ packets: 10, timestamps: false, request: 100, response: 300, acknowledgeEvery: 1 }) },
  // SYNs from forged addresses, answered by nobody.
  { share: 0.07, size: 1, spoofed: true, plan: () => ({ packets: 1, timestamps: false, request: 0, response: 1, acknowledgeEvery: 1 }) },
  // Half-open handshakes.
  { share: 0.03, size: 2, spoofed: true, plan: () => ({ packets: 2, timestamps: false, request: 0, response: 1, acknowledgeEvery: 1 }) },
];

const rows = [];
let audit;

/** A source as `LiveSource` in src/node/live/sources/source.ts says. */
const source = {
  name: 'stdin',
  clock: 'kernel',
  counters: { received: null, kernelDrops: 0, interfaceDrops: 0 },
  failure: null,
  refresh() {},
  stop() {},
  kill() {},
  async pour(take) {
    const writer = new PcapWriter(take);
    let latest = 0;
    for (let slot = 0; slot < DAYS * SLOTS_A_DAY; slot++) {
      const begin = slot * SLOT_MICROSECONDS;
      for (const [index, { share, size, spoofed, plan }] of KINDS.entries()) {
        const connections = Math.max(1, Math.round((perSlot * share) / size));
        // One kind after the other, in its share of the slot.
        const from = Math.max(latest, begin + (index * SLOT_MICROSECONDS) / KINDS.length);
        const shifted = { write: (segment, time) => writer.write(segment, (latest = from + time)) };
        const microseconds = Math.floor((SLOT_MICROSECONDS / KINDS.length / (connections * size)) * 1.9);
        writeTraffic(shifted, { seed: 1 + slot * 8 + index, connections, atOnce: 40, microseconds, spoofed, plan });
      }
      // Timers have their turn, as between the chunks of a real source.
      await new Promise((resolve) => setImmediate(resolve));
      if ((slot + 1) % SLOTS_A_DAY === 0) note((slot + 1) / SLOTS_A_DAY);
    }
    writer.close();
  },
};

function note(day) {
  const before = performance.now();
  const { totals, findings } = audit.snapshot();
  const snapshot = performance.now() - before;
  globalThis.gc?.();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  const mib = (bytes) => Math.round(bytes / 2 ** 20);
  rows.push({ day, packets: audit.counters().packets, flows: totals.flows, findings: findings.length, rss: mib(rss), heap: mib(heapUsed), arrays: mib(arrayBuffers), snapshot: Math.round(snapshot) });
  console.log(JSON.stringify(rows.at(-1)));
}

audit = new LiveAudit(source, { interface: 'week', interval: 10 });
audit.attach({ summary() {}, provisional() {}, finding() {}, flow() {} });
const started = performance.now();
await audit.run();
console.log(`${Math.round((performance.now() - started) / 1000)} s`);
