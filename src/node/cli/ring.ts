import { mkdirSync, statSync } from 'node:fs';
import { type Report, type Severity, SEVERITIES } from '../../core/index.ts';
import type { LiveAudit } from '../live/live-audit.ts';
import { RingError } from '../live/ring/error.ts';
import { Evidence } from '../live/ring/evidence.ts';
import { divided, PacketRing } from '../live/ring/packet-ring.ts';
import { FileStore, MemoryStore } from '../live/ring/ring-store.ts';
import { errorMessage } from '../error-message.ts';
import { UsageError } from './errors.ts';
import type { OptionTable, Values } from './options.ts';

const LEAST_SIZE = 64 * 1024;
const DEFAULT_SEVERITY: Severity = 'high';
const DEFAULT_AFTER = 10;
const DEFAULT_LIMIT = '1G';
/** One file is at most this large (bytes): larger ones are no longer read by people. */
const LARGEST_FILE = 256 * 1024 * 1024;
/** A report for ladders is made anew after this long (milliseconds). */
const REPORT_MS = 2_000;
const UNITS: { readonly [unit: string]: number } = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** The options of `synoptic live` that keep packets. */
export const RING_OPTIONS = {
  ring: { kind: 'text', value: 'SIZE', summary: 'keep the last packets, as 64M: for ladders, and as evidence of findings', group: 'Evidence:' },
  'ring-file': { kind: 'text', value: 'FILE', summary: 'keep them in this file, not in memory', group: 'Evidence:' },
  'ring-on': { kind: 'text', value: 'SEVERITY', summary: `write the packets of findings at least as severe (${DEFAULT_SEVERITY})`, choices: SEVERITIES, group: 'Evidence:' },
  'ring-dir': { kind: 'text', value: 'FOLDER', summary: 'where the pcapng files of findings go (the current one)', group: 'Evidence:' },
  'ring-after': { kind: 'text', value: 'SECONDS', summary: `how long packets are added after a finding (${DEFAULT_AFTER})`, group: 'Evidence:' },
  'ring-limit': { kind: 'text', value: 'SIZE', summary: `all these files together (${DEFAULT_LIMIT})`, group: 'Evidence:' },
} as const satisfies OptionTable;

export interface RingOptions {
  size: number;
  file: string | undefined;
  severity: Severity;
  folder: string;
  after: number;
  limit: number;
}

/** What the command line asks for; null when it is no ring. Throws `UsageError`. */
export function ringOptions({ texts }: Values): RingOptions | null {
  const ring = texts.get('ring');
  if (ring === undefined) {
    const stray = Object.keys(RING_OPTIONS).find((name) => texts.has(name));
    if (stray !== undefined) throw new UsageError(`--${stray} needs a ring: add --ring 64M`);
    return null;
  }
  const folder = texts.get('ring-dir') ?? '.';
  if (statSync(folder, { throwIfNoEntry: false })?.isFile() === true) throw new UsageError(`--ring-dir ${folder}: is a file; name a folder`);
  const after = Number(texts.get('ring-after') ?? DEFAULT_AFTER);
  if (!(after >= 0 && after <= 3600)) throw new UsageError(`--ring-after ${texts.get('ring-after')}: a number of seconds from 0 to 3600`);
  return {
    size: sizeOf('ring', ring),
    file: texts.get('ring-file'),
    severity: (texts.get('ring-on') as Severity | undefined) ?? DEFAULT_SEVERITY,
    folder,
    after,
    limit: sizeOf('ring-limit', texts.get('ring-limit') ?? DEFAULT_LIMIT),
  };
}

/** Makes the audit keep its last packets. `tell` is given what there is to say, a line each. Throws `RingError` or `UsageError`. */
export function attachRing(audit: LiveAudit, options: RingOptions, tell: (line: string) => void): void {
  const { size, severity, folder, after, limit } = options;
  const ring = ringOf(audit, options);
  const evidence = new Evidence(ring, {
    severity,
    folder,
    after,
    fileLimit: Math.min(LARGEST_FILE, limit, Math.max(size, LEAST_SIZE)),
    totalLimit: limit,
    tell,
  });
  audit.attach(evidence);
  let report: Report | null = null;
  let made = 0;
  audit.ladders = (flow) => {
    // A report of many flows takes a while, and a screen asks again and again.
    if (report === null || performance.now() - made > REPORT_MS) {
      report = audit.report();
      made = performance.now();
    }
    return evidence.ladder(flow, report);
  };
}

function ringOf(audit: LiveAudit, { size, file, folder }: RingOptions): PacketRing {
  try {
    mkdirSync(folder, { recursive: true });
    const { places, bytes } = divided(size);
    return new PacketRing(file === undefined ? new MemoryStore(bytes) : new FileStore(file, bytes), places);
  } catch (error) {
    // The source is open, and nobody will run the audit.
    audit.kill();
    throw error instanceof RingError ? error : new UsageError(`--ring: ${errorMessage(error)}; choose another --ring-dir, or a smaller size`);
  }
}

/** Bytes: a number with or without K, M, G or T, powers of 1024. Throws `UsageError`. */
function sizeOf(name: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(text);
  const size = match === null ? NaN : Math.floor(Number(match[1]) * UNITS[match[2].toUpperCase()]);
  if (!(size >= LEAST_SIZE && size <= Number.MAX_SAFE_INTEGER)) throw new UsageError(`--${name} ${text}: a size from 64K, as 512K, 64M or 2G`);
  return size;
}
