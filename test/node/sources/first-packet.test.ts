import { expect } from 'chai';
import { auditFile, InputError } from '../../../src/node/index.ts';

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
  it('refuses the same file twice, however it is named', async () => {
    for (const again of [CAPTURE, `./fixtures/../${CAPTURE}`]) {
      const error = await failureOf([CAPTURE, again]);
      expect(error).to.be.instanceOf(InputError);
      expect((error as InputError).message).to.contain('named twice');
    }
  });

  it('refuses no file at all', async () => {
    expect(await failureOf([])).to.be.instanceOf(InputError);
  });
});
