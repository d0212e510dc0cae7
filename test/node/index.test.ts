import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { auditFile } from '../../src/node/index.ts';
import { captureOf } from '../support/conversation-frames.ts';

describe('auditFile', () => {
  let folder = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'synoptic-audit-'));
  });

  after(() => rmSync(folder, { recursive: true }));

  it('tells of its progress through all files together', async () => {
    const captures = [captureOf('C > S SYN; S > C SYN ACK; C > S ACK'), captureOf('C > S SYN')];
    const paths = captures.map((bytes, index) => {
      const path = join(folder, `${index}.pcap`);
      writeFileSync(path, bytes);
      return path;
    });
    const size = captures[0].length + captures[1].length;
    const news: { bytes: number; size: number | null }[] = [];
    await auditFile(paths, { onProgress: ({ bytes, size: all }) => news.push({ bytes, size: all }) });
    expect(new Set(news.map((each) => each.size))).to.deep.equal(new Set([size]));
    expect(news.at(-1)?.bytes).to.equal(size);
    expect(news.map(({ bytes }) => bytes)).to.deep.equal(news.map(({ bytes }) => bytes).sort((a, b) => a - b));
  });
});
