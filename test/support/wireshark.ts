import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { skip } from './skip.ts';

const HAS_WIRESHARK = spawnSync('tshark', ['--version']).status === 0 && spawnSync('capinfos', ['--version']).status === 0;

/** A test that asks Wireshark's command line programs for a second opinion; skipped where they are not installed. */
export function itWithWireshark(title: string, test: () => void | Promise<void>): void {
  if (HAS_WIRESHARK) it(title, test);
  else it(title, function () { skip(this, 'tshark and capinfos are not installed'); });
}

/** Runs a program of Wireshark's on a capture (`FILE` stands for it). Throws when it fails or complains. */
export function askWireshark(capture: Uint8Array, program: 'tshark' | 'capinfos', args: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'synoptic-test-'));
  try {
    const path = join(folder, 'capture');
    writeFileSync(path, capture);
    const { status, stdout, stderr } = spawnSync(program, args.map((arg) => (arg === 'FILE' ? path : arg)), { encoding: 'utf8', maxBuffer: 1 << 28 });
    const complaints = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Running as user'));
    if (status !== 0 || complaints.length > 0) throw new Error(`${program}: status ${status}: ${complaints.join('; ')}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Fields of every packet as tshark prints them, one row a packet. */
export function tsharkFields(capture: Uint8Array, fields: readonly string[], options: readonly string[] = []): string[][] {
  const out = askWireshark(capture, 'tshark', ['-n', ...options, '-r', 'FILE', '-T', 'fields', ...fields.flatMap((field) => ['-e', field])]);
  return out.split('\n').slice(0, -1).map((line) => line.split('\t'));
}
