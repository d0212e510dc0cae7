import { statSync } from 'node:fs';
import type { ReaderFactory } from '../../core/index.ts';

/**
 * The files of no bytes, where others have some. The newest file of a ring is one while a capture runs: what has come waits in the
 * program that captures. They are told as damage, and the others analysed. Where nothing else is given, that is an error as ever.
 */
export function emptyAmong(paths: readonly string[]): ReadonlySet<string> {
  if (paths.length < 2) return new Set();
  const empty = new Set(paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.size === 0));
  return empty.size < paths.length ? empty : new Set();
}

/** Reads nothing. */
export const emptyFile: ReaderFactory = () => ({
  push: () => undefined,
  finish: () => undefined,
  file: {
    name: '',
    format: 'empty',
    compression: null,
    link_types: [],
    snaplen: 0,
    packets: 0,
    bytes: 0,
    complete: false,
    damage: { offset: 0, reason: 'the file is empty, so far' },
  },
  counters: { kernelDrops: -1, interfaceDrops: -1 },
  misordered: 0,
  clockSteps: 0,
  truncated: 0,
});
