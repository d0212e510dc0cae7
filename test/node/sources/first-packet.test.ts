import { expect } from 'chai';
import { auditFile, InputError } from '../../../src/node/index.ts';
import { temporaryFolder } from './temporary.ts';

const CAPTURE = 'fixtures/close-client/capture.pcap';

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
