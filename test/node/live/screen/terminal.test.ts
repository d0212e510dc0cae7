import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { canDraw } from '../../../../src/node/live/screen/terminal.ts';
import { FIXTURES } from '../../../support/fixtures.ts';
import { skip } from '../../../support/skip.ts';

const BIN = fileURLToPath(new URL('../../../../../bin/synoptic.js', import.meta.url));
const CAPTURE = join(FIXTURES, 'leaking-server', 'capture.pcap');
/** How long the screen is looked at again and again before it is given up. */
const PATIENCE_MS = 40_000;

const CRASH = "data:text/javascript,process.on('SIGUSR2',()=>{throw new Error('boom')})";
const EXIT = "data:text/javascript,process.on('SIGUSR2',()=>process.exit(7))";

function isThere(program: string): boolean {
  return spawnSync(program, ['-V']).error === undefined;
}

/** The program in a terminal of its own, which tmux emulates. */
class Session {
  readonly #folder = mkdtempSync(join(tmpdir(), 'synoptic-screen-'));

  /** @param node arguments of Node.js before the program */
  constructor(columns: number, rows: number, node = '') {
    // The capture is followed by silence. What comes after the screen is said below what it leaves.
    const run = `echo before the screen; { cat '${CAPTURE}'; exec sleep 60; } | { node ${node} '${BIN}' live -; echo "status $?"; stty -a </dev/tty; sleep 60; }`;
    this.#tmux('new-session', '-d', '-c', this.#folder, '-x', String(columns), '-y', String(rows), run);
    this.#tmux('set-option', '-g', 'history-limit', '500');
  }

  #tmux(...args: readonly string[]): string {
    const { stdout, stderr, status } = spawnSync('tmux', ['-S', join(this.#folder, 'socket'), '-f', '/dev/null', ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`);
    return stdout;
  }

  keys(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  lines(): string[] {
    return this.#tmux('capture-pane', '-p', '-S', '-').split('\n');
  }

  /** Whether the alternate screen is on, the cursor is shown, and lines wrap. */
  modes(): string {
    return this.#tmux('display-message', '-p', '#{alternate_on} #{cursor_flag} #{wrap_flag}').trim();
  }

  signal(name: NodeJS.Signals): void {
    const group = this.#tmux('display-message', '-p', '#{pane_pid}').trim();
    const { stdout } = spawnSync('ps', ['-e', '-o', 'pid=,ppid=,pgid=,args='], { encoding: 'utf8' });
    const line = stdout.split('\n').find((each) => each.includes(`${BIN} live -`) && !/\b(sh|bash) -c/.test(each) && each.trim().split(/\s+/)[2] === group);
    process.kill(Number(line!.trim().split(/\s+/)[0]), name);
  }

  /** The lines, once one of them is as expected. */
  async see(expected: RegExp): Promise<string[]> {
    for (const began = Date.now(); Date.now() - began < PATIENCE_MS; await setTimeout(100)) {
      const lines = this.lines();
      if (lines.some((line) => expected.test(line))) return lines;
    }
    throw new Error(`never seen: ${expected}\n${this.lines().join('\n')}`);
  }

  close(): void {
    spawnSync('tmux', ['-S', join(this.#folder, 'socket'), 'kill-server']);
    rmSync(this.#folder, { recursive: true });
  }
}

describe('a terminal', () => {
  it('that does not obey escape sequences gets no screen', () => {
    for (const TERM of ['dumb', '', undefined]) expect(canDraw({ TERM })).to.equal(false);
  });

  describe('in tmux', function () {
    this.timeout(4 * PATIENCE_MS);
    let session: Session;

    before(function () {
      if (process.platform === 'win32' || !isThere('tmux')) skip(this, 'tmux is not installed');
    });

    afterEach(() => session.close());

    /** What was on the terminal is there again, as it was, with what the program printed below it. */
    async function expectRestored(status: number): Promise<string[]> {
      const lines = await session.see(new RegExp(`^status ${status}`));
      await session.see(/ iexten/);
      expect(session.modes()).to.equal('0 1 1');
      expect(lines).to.include('before the screen');
      expect(session.lines().join(' ')).to.match(/ isig icanon iexten echo /);
      return lines;
    }

    it('shows the screen, follows keys and sizes, and has everything back after q, with the summary', async () => {
      session = new Session(80, 24);
      await session.see(/^ {2}CLOSE_WAIT +200 .* 200$/);
      await session.see(/^ {2}.* HIGH +close-wait-leak +200 /);
      expect(session.modes()).to.equal('1 0 0');
      session.keys('4');
      await session.see(/4 Flows 300( |$)/);
      session.keys('/', 'state:CLOSE_WIAT', 'Enter');
      await session.see(/no such state; did you mean CLOSE_WAIT\?/);
      session.keys('C-w', 'state:CLOSE_WAIT', 'Enter');
      await session.see(/ 4 Flows 200 of 300 · state:/);
      session.keys('Down', 'Down');
      session.keys('Escape');
      await session.see(/4 Flows 300( |$)/);
      session.resize(120, 40);
      await session.see(/^─ States ─+ ─ Findings 1 high ─/);
      session.keys('2', 'Enter');
      await session.see(/^HIGH {6}Connections pile up in CLOSE_WAIT/);
      session.keys('q', 'q');
      const lines = await expectRestored(0);
      expect(lines).to.include('1 problem in 300 connections: 1 high.');
    });

    it('has everything back after SIGTERM, with the summary', async () => {
      session = new Session(80, 24);
      await session.see(/^ {2}CLOSE_WAIT +200 /);
      session.signal('SIGTERM');
      expect(await expectRestored(0)).to.include('1 problem in 300 connections: 1 high.');
    });

    it('says what came of signals, and goes on', async () => {
      session = new Session(80, 24);
      await session.see(/^ {2}CLOSE_WAIT +200 /);
      session.signal('SIGHUP');
      await session.see(/^read the configuration again$/);
      session.signal('SIGUSR1');
      await session.see(/^wrote synoptic-snapshot-.*\.json$/);
      expect(session.modes()).to.equal('1 0 0');
    });

    it('has everything back after a crash', async () => {
      session = new Session(80, 24, `--import "${CRASH}"`);
      await session.see(/^ {2}CLOSE_WAIT +200 /);
      session.signal('SIGUSR2');
      expect((await expectRestored(1)).join('\n')).to.include('Error: boom');
    });

    it('has everything back when the program exits at once', async () => {
      session = new Session(80, 24, `--import "${EXIT}"`);
      await session.see(/^ {2}CLOSE_WAIT +200 /);
      session.signal('SIGUSR2');
      await expectRestored(7);
    });
  });
});
