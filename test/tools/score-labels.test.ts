import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { captureOf } from '../support/conversation-frames.ts';

const SCRIPT = fileURLToPath(new URL('../../../tools/score-labels.js', import.meta.url));
const REFUSING = '198.51.100.1:443';
const REFUSED = 'repeat 5 every 0.1 { C:# > S SYN; S > C:# RST ACK }';

describe('tools/score-labels.js', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'synoptic-labels-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function score(labels: { expected: object[]; must_not_flag: object[] }): string[] {
    mkdirSync(join(folder, 'run'));
    writeFileSync(join(folder, 'run', 'capture.pcap'), captureOf(REFUSED));
    writeFileSync(join(folder, 'run', 'labels.json'), JSON.stringify({ title: 'a run', ...labels }));
    return spawnSync(process.execPath, [SCRIPT, folder], { encoding: 'utf8' }).stdout.split('\n');
  }

  it('says what was found and what was missed', () => {
    const lines = score({ expected: [{ class: 'connect-refused', endpoint: REFUSING }, { class: 'syn-flood', endpoint: REFUSING }], must_not_flag: [] });
    expect(lines).to.deep.equal([`run: missed syn-flood ${REFUSING}`, 'found 50.0 % (1 of 2); false 0 (0 by every address that a finding names)', '']);
  });

  it('tells a finding about one port from one about another of the host', () => {
    const another = { class: 'connect-refused', endpoint: '198.51.100.1:80' };
    const lines = score({ expected: [{ class: 'connect-refused', endpoint: REFUSING }], must_not_flag: [another] });
    expect(lines[0]).to.equal('found 100.0 % (1 of 1); false 0 (1 by every address that a finding names)');
  });

  it('counts the accusation of an innocent', () => {
    const lines = score({ expected: [{ class: 'connect-refused' }], must_not_flag: [{ class: 'connect-refused', endpoint: REFUSING }] });
    expect(lines[0]).to.match(/^run: false \w+ connect-refused /);
    expect(lines[1]).to.include('false 1 (1 by');
  });
});
