import { expect } from 'chai';
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const CAPTURE = readFileSync('fixtures/leaking-server/capture.pcap');

/** A program that reads a capture from a pipe that stays open, once it has begun to read. */
async function reading(): Promise<{ child: ChildProcessWithoutNullStreams; output: () => string }> {
  const child = spawn(process.execPath, ['bin/synoptic.js', 'timeline', '-']);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.write(CAPTURE);
  await once(child.stdout, 'data');
  return { child, output: () => output };
}

describe('Ctrl-C while standard input is read', () => {
  it('leaves it to the program before the pipe to end, and then gives the whole answer', async () => {
    const { child, output } = await reading();
    child.kill('SIGINT');
    child.stdin.end();
    const [status] = await once(child, 'close');
    expect(status).to.equal(0);
    expect(output()).to.contain('CLOSE_WAIT');
  });

  it('ends the program the second time', async () => {
    const { child } = await reading();
    child.kill('SIGINT');
    const again = setInterval(() => child.kill('SIGINT'), 100);
    const [status] = await once(child, 'close');
    clearInterval(again);
    expect(status).to.equal(130);
  });
});
