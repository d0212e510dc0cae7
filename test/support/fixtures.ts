import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { captureIn, foldersWith } from './truth/truth.ts';

/** The folder of captures whose truth is known. Tests run in `dist/test/support`. */
export const FIXTURES = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'fixtures');

/** Names of all fixtures. */
export const fixtureNames: readonly string[] = foldersWith(FIXTURES, 'expected.json');

/** The bytes of a fixture's capture. */
export function fixtureCapture(name: string): Uint8Array {
  const path = captureIn(join(FIXTURES, name));
  if (path === null) throw new Error(`fixtures/${name} holds no capture`);
  return readFileSync(path);
}
