import { expect } from 'chai';
import fc from 'fast-check';
import { PcapngWriter } from '../../../../src/core/index.ts';
import { CountedSource } from '../../../../src/node/live/sources/counted.ts';
import type { LiveSource } from '../../../../src/node/live/sources/source.ts';
import { fixtureCapture } from '../../../support/fixtures.ts';

/** A source that has all its bytes at once, in chunks. */
class SampleSource implements LiveSource {
  readonly name = 'stdin';
  readonly clock = 'kernel';
  readonly counters = { received: null, captured: null, kernelDrops: null, interfaceDrops: null };
  readonly failure = null;
  stops = 0;
  readonly #chunks: readonly Uint8Array[];

  constructor(chunks: readonly Uint8Array[]) {
    this.#chunks = chunks;
  }

  async pour(take: (chunk: Uint8Array) => void): Promise<void> {
    for (const chunk of this.#chunks) {
      await Promise.resolve();
      take(chunk);
    }
  }

  refresh(): void {}

  stop(): void {
    this.stops++;
  }

  kill(): void {}
}

interface Capture {
  bytes: Buffer;
  /** Where each packet ends. */
  ends: readonly number[];
}

/** A file header of 24 bytes, then packets with 16 before each, the length kept in the third word. */
function pcap(): Capture {
  const bytes = Buffer.from(fixtureCapture('leaking-server'));
  const ends: number[] = [];
  for (let at = 24; at < bytes.length; ) {
    at += 16 + bytes.readUInt32LE(at + 8);
    ends.push(at);
  }
  return { bytes, ends };
}

function pcapng(): Capture {
  const pieces: Uint8Array[] = [];
  const writer = new PcapngWriter((piece) => void pieces.push(Uint8Array.from(piece)), { application: 'test' });
  const ethernet = writer.describe(1, 0);
  const ends: number[] = [];
  for (let packet = 0; packet < 20; packet++) {
    const bytes = new Uint8Array(60 + packet);
    writer.packet(ethernet, BigInt(packet), { bytes, start: 0, end: bytes.length, wireLength: bytes.length });
    ends.push(writer.length);
  }
  writer.flush();
  return { bytes: Buffer.concat(pieces), ends };
}

async function poured(source: LiveSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  await source.pour((chunk) => void chunks.push(Uint8Array.from(chunk)));
  return Buffer.concat(chunks);
}

describe('live: so many packets of a source', () => {
  for (const [format, { bytes, ends }] of Object.entries({ pcap: pcap(), pcapng: pcapng() })) {
    it(`end where the last one does in ${format}, however it comes in pieces, and stop the source`, async () => {
      await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5000 }), async (count, size) => {
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
        const source = new SampleSource(chunks);
        const given = await poured(new CountedSource(source, count));
        expect(given.equals(bytes.subarray(0, ends[count - 1]))).to.equal(true);
        expect(source.stops > 0).to.equal(count <= ends.length);
      }), { numRuns: 40 });
    });
  }
});
