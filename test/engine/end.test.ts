import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { type AuditOptions, Engine, type Report } from '../../src/core/index.ts';
import { ethernet, ETHERTYPE } from '../support/packets.ts';
import { join, pcap, pcapRecord } from '../support/pcap-writer.ts';

const LEAK = readFileSync('fixtures/leaking-server/capture.pcap');
const NANOSECOND = { variant: 'nanosecond' } as const;
const ARP = ethernet(new Uint8Array(28), { type: ETHERTYPE.arp });

function audit(capture: Uint8Array, options: AuditOptions = {}): Report {
  const engine = new Engine(options);
  engine.open('capture', null);
  engine.push(capture);
  engine.close();
  return engine.finish();
}

describe('the end of a capture', () => {
  const { start_ns, end_ns } = audit(LEAK).capture;

  it('is its last packet, also where that is not TCP: connections were watched until then', () => {
    const longer = audit(join(LEAK, pcapRecord({ time: end_ns + 60_000_000_000n, data: ARP }, NANOSECOND)), { rules: ['close-wait-leak'] });
    const watched = (report: Report): number => Number(report.findings[0]?.facts['oldest_open_seconds']);
    expect(longer.capture.end_ns - end_ns).to.equal(60_000_000_000n);
    expect(watched(longer) - watched(audit(LEAK))).to.be.closeTo(60, 0.1);
  });

  it('comes at no earlier time than any of its segments', () => {
    const set = audit(join(LEAK, pcapRecord({ time: start_ns, data: ARP }, NANOSECOND)));
    expect(set.capture.end_ns).to.equal(end_ns);
  });

  it('is told of a capture without TCP', () => {
    const frames = [0n, 5n].map((seconds) => ({ time: (1_700_000_000n + seconds) * 1_000_000_000n, data: ARP }));
    expect(audit(pcap(frames)).capture.duration).to.equal(5);
  });
});
