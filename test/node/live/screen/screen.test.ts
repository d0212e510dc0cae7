import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { sequencesOf } from '../../../../src/node/live/screen/look.ts';
import type { Key } from '../../../../src/node/live/screen/key.ts';
import { Screen } from '../../../../src/node/live/screen/screen.ts';
import type { Drawable, TerminalListener } from '../../../../src/node/live/screen/terminal.ts';
import { fixtureCapture } from '../../../support/fixtures.ts';
import { ladderOf } from '../../../support/ladder.ts';
import { leakingView } from '../../../support/sample-live-view.ts';
import { TerminalEmulation } from '../../../support/terminal-emulation.ts';

class FakeTerminal implements Drawable {
  readonly emulation = new TerminalEmulation();
  size = { columns: 80, rows: 24 };
  isBusy = false;
  writes = 0;
  suspensions = 0;
  closings = 0;

  constructor() {
    this.emulation.resize(80, 24);
  }

  write(text: string): void {
    this.writes++;
    this.emulation.write(text);
  }

  suspend(): void {
    this.suspensions++;
  }

  close(): void {
    this.closings++;
  }
}

describe('the live screen', () => {
  let screen: Screen;
  let terminal: FakeTerminal;
  let listener: TerminalListener | null;
  let quits: number;
  let snapshot: () => string;
  const view = leakingView();

  beforeEach(() => {
    terminal = new FakeTerminal();
    listener = null;
    quits = 0;
    snapshot = () => 'report.json';
    screen = new Screen(view, {
      colour: true,
      quit: () => void quits++,
      snapshot: () => snapshot(),
      terminal(given) {
        listener = given;
        return terminal;
      },
    });
  });

  afterEach(() => screen.end());

  async function types(text: string, name: Key['name'] = 'character'): Promise<string[]> {
    listener!.key({ name, text });
    await setImmediate();
    return terminal.emulation.lines.map((line) => line.trimEnd());
  }

  it('opens with the first bytes of the capture: before, the terminal may be asked for a password', () => {
    expect(listener).to.equal(null);
    screen.bytes();
    screen.bytes();
    expect(terminal.writes).to.equal(1);
    expect(terminal.emulation.lines[0]).to.match(/^ synoptic live eth0 · tcpdump/);
  });

  it('that never opened needs no end, and does not open after it', () => {
    screen.end();
    screen.bytes();
    expect(listener).to.equal(null);
  });

  it('answers keys, those that come together with one frame', async () => {
    screen.bytes();
    const before = terminal.writes;
    listener!.key({ name: 'character', text: '3' });
    listener!.key({ name: 'character', text: '2' });
    expect(await types('', 'enter')).to.include('HIGH      The application does not close its connections');
    expect(terminal.writes).to.equal(before + 1);
  });

  it('writes nothing to a terminal that has not taken the last frame yet', async () => {
    screen.bytes();
    terminal.isBusy = true;
    const before = terminal.writes;
    await types('?');
    expect(terminal.writes).to.equal(before);
  });

  it('draws everything again where others drew, and where the size changed', () => {
    screen.bytes();
    terminal.size = { columns: 40, rows: 12 };
    terminal.emulation.resize(40, 12);
    listener!.changed();
    expect(terminal.emulation.lines).to.have.lengthOf(12);
    expect(terminal.emulation.lines.join('')).to.not.include('?'.repeat(5));
    terminal.emulation.resize(40, 12);
    listener!.changed();
    expect(terminal.emulation.lines[0]).to.match(/^ synoptic live/);
  });

  it('shows the packets of a connection where they are kept, and says how to keep them where not', async () => {
    screen.bytes();
    await types('2');
    await types('', 'enter');
    const lines = await types('', 'enter');
    expect(lines.join('\n')).to.match(/^ Flow 1\n10\.0\.0\.9:40001 → 10\.0\.0\.5:8080, half-closed\n/m);
    expect(lines.join('\n')).to.match(/^Server is {5}CLOSE_WAIT$/m);
    expect(lines.join('\n')).to.match(/^Findings {6}close-wait-leak, rst-abort, keepalive$/m);
    expect(lines.join('\n')).to.include('--ring SIZE keeps them');
    await types('', 'escape');
    view.ladders.set(1, ladderOf(fixtureCapture('last-ack-lost'), 1));
    const ladder = await types('', 'enter');
    expect(ladder.join('\n')).to.match(/^ *Time +Packet +client +server$/m);
    expect(ladder.join('\n')).to.match(/├─ SYN seq 0 .*▶│/);
    expect(terminal.emulation.looks.flat()).to.include(sequencesOf(true)[2].slice(2, -1));
  });

  it('writes the report when asked, and says where, or why not', async () => {
    screen.bytes();
    expect((await types('w')).at(-1)).to.equal('wrote report.json');
    snapshot = () => {
      throw new Error('cannot write report.json: no space left on device');
    };
    expect((await types('w')).at(-1)).to.equal('cannot write report.json: no space left on device');
  });

  it('quits, suspends, and gives the terminal back once', async () => {
    screen.bytes();
    await types('z', 'control');
    expect(terminal.suspensions).to.equal(1);
    await types('q');
    expect([quits, terminal.closings]).to.deep.equal([1, 0]);
    screen.end();
    screen.end();
    expect(terminal.closings).to.equal(1);
  });

  it('ends the audit when the terminal is gone', () => {
    screen.bytes();
    listener!.closed();
    listener!.closed();
    expect([quits, terminal.closings]).to.deep.equal([1, 1]);
  });
});
