import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** An interface that can be captured on. */
export interface ListenableInterface {
  name: string;
  /** "up", "down", "unknown" (as the loopback is). */
  state: string;
  addresses: string[];
}

/** Where Linux lists its interfaces, including those without an address. */
const SYSTEM_LIST = '/sys/class/net';

/** Every interface of this machine, and `any` if the system has it. */
export function listInterfaces(): ListenableInterface[] {
  const addresses = networkInterfaces();
  const listed = systemNames();
  const names = [...new Set([...listed, ...Object.keys(addresses)])].sort();
  const all = names.map((name) => ({ name, state: interfaceState(name), addresses: (addresses[name] ?? []).map(({ address }) => address) }));
  return listed.length === 0 ? all : [{ name: 'any', state: 'up', addresses: [] }, ...all];
}

/** Their names. */
export function interfaceNames(): string[] {
  return listInterfaces().map(({ name }) => name);
}

function systemNames(): string[] {
  try {
    return readdirSync(SYSTEM_LIST);
  } catch {
    return [];
  }
}

/** The state of an interface as the kernel spells it: "up", "down", "lowerlayerdown" …; "unknown" if it does not tell. */
export function interfaceState(name: string): string {
  try {
    return readFileSync(`${SYSTEM_LIST}/${name}/operstate`, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
