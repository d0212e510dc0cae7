import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { Engine } from '../../src/core/index.ts';
import type { Finding } from '../../src/core/index.ts';

const LEAK = readFileSync('fixtures/leaking-server/capture.pcap');

/** The same bytes with every frame so many seconds later (nanosecond pcap, little-endian). */
function later(capture: Buffer, seconds: number): Buffer {
  const moved = Buffer.from(capture);
  for (let at = 24; at + 16 <= moved.length; at += 16 + moved.readUInt32LE(at + 8)) {
    moved.writeUInt32LE(moved.readUInt32LE(at) + seconds, at);
  }
  return moved;
}

function leaksIn(files: readonly Buffer[]): Finding[] {
  const engine = new Engine({ rules: ['close-wait-leak'] });
  files.forEach((bytes, index) => {
    engine.open(`part-${index}`, null);
    engine.push(bytes);
    engine.close();
  });
  return engine.finish().findings;
}

describe('a gap between two files of a capture', () => {
  it('is not time in which a connection was watched', () => {
    const healthy = readFileSync('fixtures/close-client/capture.pcap');
    const [alone] = leaksIn([LEAK]);
    const [joined] = leaksIn([LEAK, later(healthy, 3600)]);
    expect(alone?.facts['oldest_open_seconds']).to.be.a('number').below(11);
    expect(joined?.facts['oldest_open_seconds']).to.be.closeTo(Number(alone?.facts['oldest_open_seconds']), 0.5);
  });
});
