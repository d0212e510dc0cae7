import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { captureOf } from '../support/conversation-frames.ts';

const SCRIPT = fileURLToPath(new URL('../../../tools/score-cases.js', import.meta.url));
const CLIENT = '192.0.2.10:40000';
const HEADING = ['capture', 'event', 'state_when_event_arrives', 'host_under_test'];
/** A stray FIN meets the client's SYN; the connection is opened and closed nevertheless, with another FIN. */
const STRAY_FIN =
  'C > S SYN; S > C FIN ACK seq=5000 ack=-1; C > S RST seq=-1; +1 C > S SYN again; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK';

describe('tools/score-cases.js', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'synoptic-cases-'));
    writeFileSync(join(folder, 'stray.pcap'), captureOf(STRAY_FIN));
  });
  after(() => rmSync(folder, { recursive: true }));

  function score(...cases: string[][]): { status: number | null; lines: string[] } {
    const table = join(folder, 'cases.tsv');
    writeFileSync(table, [HEADING, ...cases].map((row) => `${row.join('\t')}\n`).join(''));
    const { status, stdout } = spawnSync(process.execPath, [SCRIPT, table, '-v'], { encoding: 'utf8' });
    return { status, lines: stdout.split('\n').filter((line) => line !== '') };
  }

  it('compares at the last segment of a kind, and at the one that the case can mean', () => {
    const { status, lines } = score(['stray.pcap', 'fin-ack', 'syn-sent', CLIENT]);
    expect(status).to.equal(0);
    expect(lines[0]).to.equal('stray.pcap: SYN_SENT, not FIN_WAIT_1, at the last such segment');
    expect(lines[1]).to.include('host: 0.0 % of 1; possible in 0.0 %');
    expect(lines[2]).to.include('before one: 100.0 % of 1; possible in 100.0 %');
  });

  it('names what differs, and leaves out what shows nothing', () => {
    const { lines } = score(['stray.pcap', 'syn-ack', 'established', CLIENT], ['stray.pcap', 'syn', 'closed', CLIENT], ['stray.pcap', 'rst', 'syn-sent', CLIENT]);
    expect(lines[0]).to.equal('stray.pcap: ESTABLISHED, not SYN_SENT, at the last such segment');
    expect(lines[2]).to.include('host: 0.0 % of 1');
  });

  it('says so when there is nothing to compare', () => {
    expect(score().status).to.equal(1);
  });
});
