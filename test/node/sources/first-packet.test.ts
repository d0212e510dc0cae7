import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { text } from '../../../src/core/formats/text.ts';
import { auditFile, InputError, PLAIN } from '../../../src/node/index.ts';
import type { Report } from '../../../src/node/index.ts';
import { temporaryFolder } from './temporary.ts';

const CAPTURE = 'fixtures/close-client/capture.pcap';
/** Somebody else's RST: high. */
const RESET = 'fixtures/blind-rst-exact/capture.pcap';

/** Where the n-th record of a little-endian pcap ends, in bytes. */
function recordsEnd(pcap: Buffer, records: number): number {
  let at = 24;
  for (let record = 0; record < records; record++) at += 16 + pcap.readUInt32LE(at + 8);
  return at;
}

/** The report as `--format text` prints it. */
function textOf(report: Report): string {
  return [...text.render(report, PLAIN)].join('').replace(/\s+/g, ' ');
}

async function failureOf(paths: readonly string[]): Promise<unknown> {
  try {
    await auditFile(paths);
  } catch (error) {
    return error;
  }
  return null;
}

describe('several captures as one', () => {
  const folder = temporaryFolder();

  it('refuses the same file twice, however it is named', async () => {
    for (const again of [CAPTURE, `./fixtures/../${CAPTURE}`]) {
      const error = await failureOf([CAPTURE, again]);
      expect(error).to.be.instanceOf(InputError);
      expect((error as InputError).message).to.contain('named twice');
    }
  });

  it('reads those beside an empty file, to which a running capture may not have written yet', async () => {
    const empty = folder.write('ring1.pcap', new Uint8Array());
    const report = await auditFile([empty, CAPTURE]);
    expect(report.capture.files.map(({ name, format, packets, damage }) => ({ name, format, packets, damage }))).to.deep.equal([
      { name: CAPTURE, format: 'pcap-nanosecond', packets: 45, damage: null },
      { name: empty, format: 'empty', packets: 0, damage: { offset: 0, reason: 'the file is empty, so far' } },
    ]);
    expect(report.findings).to.deep.equal((await auditFile(CAPTURE)).findings);
  });

  it('says where files overlap in time, and accuses nobody for it; a ring of the same packets is one capture', async () => {
    const whole = readFileSync(RESET);
    const again = folder.write('elsewhere.pcap', whole);
    const overlapping = await auditFile([RESET, again]);
    expect(overlapping.capture.quality.overlapping_files).to.equal(1);
    expect((await auditFile(RESET)).findings[0].severity).to.equal('high');
    expect(overlapping.findings.filter(({ severity }) => severity !== 'low' && severity !== 'info')).to.deep.equal([]);
    expect(overlapping.findings.filter(({ rule, facts }) => rule === 'capture-loss' && facts['fault'] === 'overlap')).to.have.length(1);
    expect(textOf(overlapping)).to.include('1 file begins while the one before still ran');
    const half = recordsEnd(whole, 10);
    const ring = await auditFile([folder.write('1.pcap', whole.subarray(0, half)), folder.write('2.pcap', Buffer.concat([whole.subarray(0, 24), whole.subarray(half)]))]);
    expect(ring.capture.quality).to.not.have.property('overlapping_files');
    expect(ring.findings).to.deep.equal((await auditFile(RESET)).findings);
  });

  it('refuses empty files alone', async () => {
    for (const paths of [['a'], ['a', 'b']]) {
      const error = await failureOf(paths.map((name) => folder.write(name, new Uint8Array())));
      expect(error).to.be.instanceOf(InputError);
      expect((error as InputError).message).to.contain('empty input');
    }
  });

  it('refuses no file at all', async () => {
    expect(await failureOf([])).to.be.instanceOf(InputError);
  });
});
