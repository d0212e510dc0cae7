import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { RULES } from '../../src/core/index.ts';
import { auditFile } from '../../src/node/index.ts';
import { captureOf } from '../support/conversation-frames.ts';
import { describeWith, runProgram } from './live/metrics/programs.ts';

describeWith(['tcpdump'], 'advice that reads the capture with tcpdump', () => {
  const folder = mkdtempSync(join(tmpdir(), 'synoptic-advice-'));
  const capture = join(folder, 'capture.pcap');
  after(() => rmSync(folder, { recursive: true }));

  for (const rule of RULES) {
    for (const { title, conversation } of rule.examples.flagged) {
      it(`shows packets of ${rule.id}: ${title}`, async () => {
        writeFileSync(capture, captureOf(conversation));
        const { findings } = await auditFile(capture, { rules: [rule.id] });
        const commands = new Set(findings.flatMap(({ advice }) => advice.filter((line) => /^tcpdump .*CAPTURE/.test(line))));
        for (const command of commands) {
          const { status, output } = runProgram('sh', ['-c', `${command.replace('CAPTURE', capture)} 2>/dev/null`]);
          expect([status, output === ''], command).to.deep.equal([0, false]);
        }
      });
    }
  }
});
