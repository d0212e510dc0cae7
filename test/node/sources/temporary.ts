import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one suite's files; call it within `describe`. */
export function temporaryFolder(): { write(name: string, bytes: Uint8Array): string; readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'synoptic-test-'));
  after(() => rmSync(path, { recursive: true }));
  return {
    path,
    write(name, bytes) {
      const file = join(path, name);
      writeFileSync(file, bytes);
      return file;
    },
  };
}
