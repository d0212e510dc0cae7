import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StateName } from '../../../src/core/index.ts';

/**
 * What the kernels at both ends said of their sockets while a capture was made: `truth.json` of a fixture. Times are nanoseconds
 * since `epoch_ns`, and small enough to be exact as plain numbers.
 */
export interface Truth {
  title: string;
  /** Nanoseconds since 1970, as text: too long for a JSON number. */
  epoch_ns: string;
  /** How far a change of state may be from a sample and still agree with it: it grows with the delay between the ends. */
  grace_ms: number;
  /** Which host (by label) has which address: an end there, of which its kernel knows nothing, is CLOSED. */
  hosts: { [address: string]: string };
  /** [behind the translator, on the wire] where NAT lies in the path. */
  aliases: readonly (readonly [string, string])[];
  /** What no observer at that place could have known: left out of the score, with the reason. */
  unknowable: readonly Unknowable[];
  /** [endpoint, endpoint, time] of the first packet of each pair of endpoints in the capture. */
  first: readonly (readonly [string, string, number])[];
  /** By host: [time, duration] of each look at its socket table. */
  samples: { [host: string]: readonly (readonly [number, number])[] };
  /** By host: [local, remote, then each state with the first and the last sample that show it]. Listeners are left out. */
  sockets: { [host: string]: readonly SocketHistory[] };
}

export type SocketHistory = readonly [local: string, remote: string, ...runs: (readonly [StateName, number, number])[]];

/** A rule applies to what fits all that it names. */
export interface Unknowable {
  host?: string;
  local?: string;
  remote?: string;
  states?: readonly StateName[];
  after?: number;
  why: string;
}

/** What must, and must not, be said of a fixture: `expected.json`. */
export interface Expected {
  /** Least agreement with the kernel in per cent; absent where no sample of a connection can be compared. */
  agreement?: number;
  /** Least share, in per cent, of samples in which the kernel's state is among the possible ones. */
  covered?: number;
  /** Findings that the traffic deserves. */
  found: readonly ExpectedFinding[];
  /** Findings that would be wrong. */
  not: readonly (ExpectedFinding & { why: string })[];
  /** Nothing is wrong with the traffic: at most remarks, and findings about the capture itself, may be made. */
  clean: boolean;
}

export interface ExpectedFinding {
  rule: string;
  /** `address:port` or an address. */
  endpoint?: string;
}

/** Reads the `truth.json` of a fixture. */
export function readTruth(folder: string): Truth {
  return JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as Truth;
}

/** Reads the `expected.json` of a fixture. */
export function readExpected(folder: string): Expected {
  return JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
}

/** Path of the capture in a folder, null when it holds none. */
export function captureIn(folder: string): string | null {
  const name = readdirSync(folder)
    .filter((entry) => /^capture\.pcap(ng)?$/.test(entry))
    .sort()[0];
  return name === undefined ? null : join(folder, name);
}

/** Names of the folders below `root` that hold `file`, in order. */
export function foldersWith(root: string, file: string): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, file)))
    .map(({ name }) => name)
    .sort();
}
