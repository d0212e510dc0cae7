import { expect } from 'chai';
import { frame, shownPanes } from '../../../../src/node/live/screen/frame.ts';
import { KeyDecoder } from '../../../../src/node/live/screen/key.ts';
import { type Size, textOf } from '../../../../src/node/live/screen/line.ts';
import { flowOrder } from '../../../../src/node/live/screen/panes/flows.ts';
import { press } from '../../../../src/node/live/screen/press.ts';
import { type Effect, newState, type ScreenState } from '../../../../src/node/live/screen/state.ts';
import { sampleFlow } from '../../../support/sample-flow.ts';
import { leakingView, type SampleLiveView } from '../../../support/sample-live-view.ts';
import { sampleFinding } from '../../../support/sample-report.ts';

const SIZE: Size = { columns: 80, rows: 24 };

/** A person at the screen: types what a terminal would send, and reads the lines. */
class Person {
  readonly view: SampleLiveView;
  readonly state: ScreenState;
  #now = 0;

  constructor(view = leakingView()) {
    this.view = view;
    this.state = newState(view, flowOrder('Flow', true), () => this.#now);
    this.look();
  }

  types(text: string): (Effect | null)[] {
    const decoder = new KeyDecoder();
    const keys = [...decoder.decode(new TextEncoder().encode(text)), ...decoder.flush()];
    return keys.map((key) => press(this.state, key, SIZE));
  }

  /** A second later. */
  look(): string[] {
    this.#now += 1000;
    if (!this.state.isPaused) this.state.readings.take(this.view, shownPanes(this.state, SIZE));
    return frame(this.state, SIZE).lines.map((line) => textOf(line).trimEnd());
  }

  get selected(): string {
    return this.look().find((line) => line.startsWith('›')) ?? '';
  }

  get lastLine(): string {
    return this.look().at(-1)!;
  }
}

const UP = '\u001b[A';
const DOWN = '\u001b[B';
const ESCAPE = '\u001b';

describe('the keys', () => {
  it('q and Ctrl-C finish, Ctrl-Z suspends, w writes, Ctrl-L draws anew', () => {
    const person = new Person();
    expect(person.types('q\u0003\u001aw\u000c').map((effect) => effect?.kind)).to.deep.equal(['quit', 'quit', 'suspend', 'snapshot', 'redraw']);
    // A finding's words are left by q, which does not finish then; Ctrl-C always does.
    expect(person.types('2\rq').map((effect) => effect?.kind)).to.deep.equal([undefined, undefined, undefined]);
    expect(person.types('2\r\u0003').map((effect) => effect?.kind)).to.deep.equal([undefined, undefined, 'quit']);
  });

  it('Tab, arrows, h, l and numbers go from list to list', () => {
    const person = new Person();
    const panes = (keys: readonly string[]): string[] => keys.map((key) => {
      person.types(key);
      return person.state.pane;
    });
    expect(panes(['\t', '\t', '\t', '\t', '\u001b[Z', 'l', '\u001b[C', 'h', '\u001b[D', '4', '1', '3', '2'])).to.deep.equal([
      'findings', 'servers', 'flows', 'states', 'flows', 'states', 'findings', 'states', 'flows', 'flows', 'states', 'servers', 'findings',
    ]);
  });

  it('arrows and vi keys move within a list, and stop at its ends', () => {
    const person = new Person();
    person.types('4');
    const flowAfter = (keys: string): number => {
      person.types(keys);
      return Number(/10\.0\.0\.9:400(\d\d)/.exec(person.selected)![1]);
    };
    expect(flowAfter('')).to.equal(40);
    expect(flowAfter('jj')).to.equal(38);
    expect(flowAfter('k')).to.equal(39);
    expect(flowAfter(`${DOWN}${DOWN}${UP}`)).to.equal(38);
    expect(flowAfter('G')).to.equal(1);
    expect(flowAfter('j')).to.equal(1);
    expect(flowAfter('\u0015')).to.equal(17);
    expect(flowAfter('\u001b[6~')).to.equal(1);
    expect(flowAfter('g')).to.equal(40);
    expect(flowAfter('k')).to.equal(40);
  });

  it('the selection stays with its row while others come, and at the top with the newest', () => {
    const person = new Person();
    person.types('4');
    person.look();
    person.types('j');
    expect(person.selected).to.include(':40039');
    person.view.rows = [...person.view.rows, sampleFlow(41), sampleFlow(42)];
    person.look();
    expect(person.selected).to.include(':40039');
    person.types('g');
    expect(person.selected).to.include(':40042');
    person.view.rows = [...person.view.rows, sampleFlow(43)];
    person.look();
    expect(person.selected).to.include(':40043');
  });

  it('s and S sort by one column after the other, r reverses', () => {
    const person = new Person();
    person.view.rows = [sampleFlow(1, { client: '10.0.0.1:1', duration: 9 }), sampleFlow(2, { client: '10.0.0.3:1', duration: 7 }), sampleFlow(3, { client: '10.0.0.2:1', duration: 8 })];
    person.types('4');
    person.look();
    const clients = (): string[] => person.look().slice(5, 8).map((line) => line.slice(2, 10));
    expect(clients()).to.deep.equal(['10.0.0.2', '10.0.0.3', '10.0.0.1']);
    person.types('s');
    expect(person.lastLine).to.equal('sorted by Client, greatest first');
    expect(clients()).to.deep.equal(['10.0.0.3', '10.0.0.2', '10.0.0.1']);
    expect(person.look()[4]).to.match(/Client ▼/);
    person.types('r');
    expect(clients()).to.deep.equal(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    person.types('sssss');
    expect(person.lastLine).to.equal('sorted by Lasting, least first');
    expect(clients()).to.deep.equal(['10.0.0.3', '10.0.0.2', '10.0.0.1']);
    person.types('S');
    expect(person.lastLine).to.equal('sorted by Outcome, least first');
  });

  it('other lists are sorted, too', () => {
    const person = new Person();
    person.types('3');
    const servers = (): string[] => person.look().slice(5, 7).map((line) => line.slice(2, 16).trim());
    expect(servers()).to.deep.equal(['10.0.0.5:8080', '10.0.0.6:443']);
    person.types('r');
    expect(servers()).to.deep.equal(['10.0.0.6:443', '10.0.0.5:8080']);
  });

  it('i lists what is merely worth knowing, too', () => {
    const person = new Person();
    person.types('2');
    // Up to the empty line before the words of the first.
    const rules = (): string[] => person.look().slice(5).map((line) => line.slice(17, 36).trim()).join(' ').split('  ')[0].split(' ');
    expect(rules()).to.deep.equal(['close-wait-leak', 'rst-abort']);
    person.types('i');
    expect(rules()).to.deep.equal(['close-wait-leak', 'rst-abort', 'keepalive']);
  });

  it('p holds the display, not the audit', () => {
    const person = new Person();
    person.types('4p');
    person.state.readings.take(person.view, shownPanes(person.state, SIZE));
    person.view.rows = [sampleFlow(99)];
    expect(person.look()[5]).to.include(':40040');
    person.types(' ');
    expect(person.look()[5]).to.include(':40099');
  });
});

describe('the filter', () => {
  it('is typed after /, and holds from Enter on', () => {
    const person = new Person();
    person.types('/state:CLOSE_WAIT :40007');
    expect(person.lastLine).to.equal('filter: state:CLOSE_WAIT :40007');
    person.types('\r');
    const lines = person.look();
    expect(lines[3]).to.match(/4 Flows 1 of 40 · state:CLOSE_WAIT :40…|4 Flows 1 of 40 · state:CLOSE_WAIT :40007/);
    expect(lines.filter((line) => line.includes('10.0.0.9:'))).to.deep.equal(['› 10.0.0.9:40007       10.0.0.5:8080        FIN_WAIT_2   CLOSE_WAIT']);
    person.types(ESCAPE);
    expect(person.look()[3]).to.match(/4 Flows 40$/);
  });

  it('can be mended, and cleared', () => {
    const person = new Person();
    person.types('/port:80x\u007f80 host:y\u0017');
    expect(person.state.prompt).to.equal('port:8080 ');
    person.types('\u0015');
    expect(person.state.prompt).to.equal('');
    person.types(ESCAPE);
    expect(person.state.prompt).to.equal(null);
  });

  it('that is wrong says so, and stays to be mended; the one before holds', () => {
    const person = new Person();
    person.types('/:40007\r');
    person.look();
    person.types('/\u0015state:CLOSE_WIAT\r');
    expect(person.look().slice(-2)).to.deep.equal(['state:CLOSE_WIAT: no such state; did you mean CLOSE_WAIT?', 'filter: state:CLOSE_WIAT']);
    expect(person.look()[3]).to.include('Flows 1 of 40');
    person.types('\u0017state:CLOSE_WAIT\r');
    expect(person.look()[3]).to.include('Flows 40 of 40');
  });

  it('is made by Enter on a state, and on a server', () => {
    const person = new Person();
    person.types('1jjjj\r');
    expect(person.state.filter).to.equal('state:ESTABLISHED');
    expect(person.state.pane).to.equal('flows');
    person.types('3');
    person.look();
    person.types('\r');
    expect(person.state.filter).to.equal('host:10.0.0.5 port:8080');
    expect(person.look()[3]).to.include('Flows 40 of 40');
  });

  it('that lets nothing through says how to go on', () => {
    const person = new Person();
    person.types('/port:1\r');
    expect(person.look()[4]).to.equal('  No connection fits the filter: Esc takes it away.');
  });
});

describe('the details', () => {
  /** A finding of more lines than the screen has. */
  function longFinding(): SampleLiveView {
    const view = leakingView();
    view.found = [sampleFinding({ explanation: 'Word. '.repeat(120) })];
    return view;
  }

  it('of a finding are its words; Enter goes on to its first connection', () => {
    const person = new Person(longFinding());
    person.types('2\r');
    const lines = person.look();
    expect(lines[3]).to.match(/^ close-wait-leak +lines 1 to 19 of \d\d$/);
    expect(lines[4]).to.equal('HIGH      The application does not close its connections');
    expect(person.lastLine).to.equal('Enter the packets of flow 1  Esc back  ↑ ↓ scroll  ? help');
    expect(person.types('\r')).to.deep.equal([{ kind: 'flow', flow: 1 }]);
    person.types(ESCAPE);
    expect(person.look()[3]).to.match(/2 Findings/);
  });

  it('scroll to the end and back, and no further', () => {
    const person = new Person(longFinding());
    person.types('2\r');
    const top = (): string => / lines (\d+) to/.exec(person.look()[3])![1];
    const end = String(Number(/ of (\d+)$/.exec(person.look()[3])![1]) - 19 + 1);
    person.types('jj');
    expect(top()).to.equal('3');
    person.types('Gjjjj');
    expect(top()).to.equal(end);
    person.types('k');
    expect(top()).to.equal(String(Number(end) - 1));
    person.types('g\u001b[5~');
    expect(top()).to.equal('1');
  });

  it('? shows the keys, over anything, and goes away by itself', () => {
    const person = new Person();
    person.types('4?');
    expect(person.look()[3]).to.match(/^ Keys /);
    expect(person.look()[4]).to.match(/^Tab ← → h l {3}the next list/);
    person.types('?');
    expect(person.look()[3]).to.match(/4 Flows/);
  });
});
