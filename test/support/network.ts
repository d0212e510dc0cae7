import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export type Host = 'client' | 'server';

const ADDRESSES: { readonly [host in Host]: string } = { client: '10.203.7.1', server: '10.203.7.2' };

/** The kernel's name of a TCP state, by that of `ss`. */
const STATES: { readonly [name: string]: string } = {
  'ESTAB': 'ESTABLISHED',
  'SYN-SENT': 'SYN_SENT',
  'SYN-RECV': 'SYN_RECEIVED',
  'FIN-WAIT-1': 'FIN_WAIT_1',
  'FIN-WAIT-2': 'FIN_WAIT_2',
  'TIME-WAIT': 'TIME_WAIT',
  'CLOSE-WAIT': 'CLOSE_WAIT',
  'LAST-ACK': 'LAST_ACK',
  'CLOSING': 'CLOSING',
};

/** Two network namespaces, a client's and a server's, joined by a pair of virtual interfaces, each called `veth0`. */
export class TestNetwork {
  private readonly names: { readonly [host in Host]: string };

  /** Throws when a namespace cannot be made: ask `unavailable` first. `remove` it in any case. */
  constructor() {
    this.names = { client: `synoptic-test-${process.pid}-c`, server: `synoptic-test-${process.pid}-s` };
    for (const name of Object.values(this.names)) command('ip', ['netns', 'add', name]);
    command('ip', ['link', 'add', 'veth0', 'netns', this.names.client, 'type', 'veth', 'peer', 'name', 'veth0', 'netns', this.names.server]);
    for (const host of ['client', 'server'] as const) {
      this.run(host, 'ip', ['address', 'add', `${ADDRESSES[host]}/24`, 'dev', 'veth0']);
      this.run(host, 'ip', ['link', 'set', 'veth0', 'up']);
      this.run(host, 'ip', ['link', 'set', 'lo', 'up']);
    }
  }

  /** Why there can be no such network here; null where there can. */
  static unavailable(): string | null {
    if (process.platform !== 'linux') return 'network namespaces are Linux only';
    if (process.getuid?.() !== 0) return 'network namespaces need root';
    const probe = `synoptic-test-${process.pid}-probe`;
    const made = spawnSync('ip', ['netns', 'add', probe], { encoding: 'utf8' });
    if (made.error !== undefined) return `ip cannot be run: ${made.error.message}`;
    if (made.status !== 0) return `ip netns: ${made.stderr.trim()}`;
    spawnSync('ip', ['netns', 'del', probe]);
    return null;
  }

  address(host: Host): string {
    return ADDRESSES[host];
  }

  /** Runs a program on a host to its end; gives what it wrote. Throws when it fails. */
  run(host: Host, program: string, args: readonly string[]): string {
    return command('ip', ['netns', 'exec', this.names[host], program, ...args]);
  }

  /** Starts a program on a host. */
  start(host: Host, program: string, args: readonly string[]): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.names[host], program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  }

  /** States of a host's connections as its kernel has them, by "local remote". */
  sockets(host: Host): Map<string, string> {
    const lines = this.run(host, 'ss', ['-Htan']).trim().split('\n').filter((line) => line !== '');
    const rows = lines.map((line) => line.trim().split(/\s+/)).filter(([state]) => state !== 'LISTEN');
    return new Map(rows.map(([state, , , local, remote]) => [`${local} ${remote}`, STATES[state] ?? state]));
  }

  /** Numbers of the processes that run on a host, by the name of their program. */
  processes(host: Host, program = ''): number[] {
    const { stdout } = spawnSync('ip', ['netns', 'pids', this.names[host]], { encoding: 'utf8' });
    const pids = (stdout ?? '').split('\n').filter((line) => line !== '').map(Number);
    return pids.filter((pid) => program === '' || nameOfProcess(pid) === program);
  }

  /** Ends what runs on the hosts and takes everything away. */
  remove(): void {
    for (const host of ['client', 'server'] as const) {
      for (const pid of this.processes(host)) tryKill(pid);
      spawnSync('ip', ['netns', 'del', this.names[host]]);
    }
  }
}

function command(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

function nameOfProcess(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
