import { expect } from 'chai';
import fc from 'fast-check';
import { SEVERITIES } from '../../../../src/core/index.ts';
import { frame, shownPanes } from '../../../../src/node/live/screen/frame.ts';
import type { Key } from '../../../../src/node/live/screen/key.ts';
import { type Size, textOf } from '../../../../src/node/live/screen/line.ts';
import { flowOrder } from '../../../../src/node/live/screen/panes/flows.ts';
import { press } from '../../../../src/node/live/screen/press.ts';
import { newState, PANE_NAMES, type PaneName, type ScreenState } from '../../../../src/node/live/screen/state.ts';
import { sampleFlow } from '../../../support/sample-flow.ts';
import { leakingView, SampleLiveView } from '../../../support/sample-live-view.ts';
import { sampleFinding, sampleServer } from '../../../support/sample-report.ts';

const SMALL: Size = { columns: 80, rows: 24 };
const LARGE: Size = { columns: 120, rows: 40 };
const TINY: Size = { columns: 40, rows: 12 };

/** The state of a screen that has watched for some seconds, at 100 packets/s of 100 bytes. */
function watched(view: SampleLiveView, size: Size, pane: PaneName = 'states', seconds = 20): ScreenState {
  let now = 0;
  const state = newState(view, flowOrder('Flow', true), () => now);
  state.pane = pane;
  for (let second = 0; second <= seconds; second++, now += 1000) {
    state.readings.take(view, shownPanes(state, size));
    view.packets += 100;
  }
  return state;
}

function linesOf(state: ScreenState, size: Size): string[] {
  return frame(state, size).lines.map(textOf);
}

/** Lines without what fills them up. */
function shown(state: ScreenState, size: Size): string[] {
  return linesOf(state, size).map((line) => line.trimEnd());
}

function expectSize(lines: readonly string[], { columns, rows }: Size): void {
  expect(lines).to.have.lengthOf(rows);
  for (const line of lines) expect(line, JSON.stringify(line)).to.have.lengthOf(columns);
}

/** What is shown of the sample audit; it fills the screen. */
function expectShown(size: Size, pane?: PaneName): string[] {
  const state = watched(leakingView(), size, pane);
  expectSize(linesOf(state, size), size);
  return shown(state, size);
}

describe('the screen at 80×24', () => {
  it('shows the interface, what comes, what is lost, the states, and the findings', () => {
    const lines = expectShown(SMALL);
    expect(lines.slice(0, 5)).to.deep.equal([
      ' synoptic live eth0 · tcpdump · tcp port 8080         12 min 4 s · 12:12:07 UTC',
      ' 100 packets/s        ████████████████████  80 kbit/s  14,345 packets · 1.43 MB',
      ' drops: kernel 0 · interface 0 · ours 0            RST 1 · FIN 4 · sent again 5',
      ' 1 States   2 Findings 1 high, 1 low (+1 info: i)   3 Servers   4 Flows',
      '  State            Ends  last 48 s                                          Most',
    ]);
    expect(lines[5]).to.equal('› CLOSED             70                              ████████████████████     70');
    expect(lines[12]).to.equal('  CLOSE_WAIT        124                              ████████████████████    124');
    expect(lines.slice(17)).to.deep.equal([
      '─ Findings 1 high, 1 low (+1 info: i) ──────────────────────────────────────────',
      '     Severity ▼  Finding            Count  Latest    About',
      '     HIGH        close-wait-leak      124  12:13:10  10.0.0.5:8080',
      '     LOW         rst-abort              6  12:13:10  10.0.0.9',
      '', '',
      '? help  Tab list  Enter open  / filter  s sort  p pause  w write  q finish',
    ]);
  });

  it('shows as many flows as there is room for, the selected one among them', () => {
    const state = watched(leakingView(), SMALL, 'flows');
    expect(shown(state, SMALL).slice(3, 7)).to.deep.equal([
      ' 1 States   2 Findings 1 high, 1 low (+1 info: i)   3 Servers   4 Flows 40',
      '  Client               Server               Client is    Server is',
      '› 10.0.0.9:40040       10.0.0.5:8080        FIN_WAIT_2   CLOSE_WAIT',
      '  10.0.0.9:40039       10.0.0.5:8080        FIN_WAIT_2   CLOSE_WAIT',
    ]);
    for (let row = 0; row < 30; row++) press(state, { name: 'down', text: '' }, SMALL);
    expect(shown(state, SMALL).filter((line) => line.startsWith('›'))).to.deep.equal(['› 10.0.0.9:40010       10.0.0.5:8080        FIN_WAIT_2   CLOSE_WAIT']);
  });

  it('marks findings that are new, for 15 s', () => {
    const view = leakingView();
    view.found = [sampleFinding()];
    let now = 0;
    const state = newState(view, flowOrder('Flow', true), () => now);
    state.pane = 'findings';
    const marks = (): string[] => shown(state, SMALL).slice(5, 7).map((line) => line.slice(2, 3));
    state.readings.take(view, new Map());
    expect(marks()).to.deep.equal(['●', '']);
    now = 16_000;
    view.found = [sampleFinding(), sampleFinding({ rule: 'syn-flood', severity: 'medium' })];
    state.readings.take(view, new Map());
    expect(marks()).to.deep.equal([' ', '●']);
  });

  it('says that packets were lost, and where', () => {
    const view = leakingView();
    view.drops = { kernel: 1234, interface: null, own: 5 };
    const state = watched(view, SMALL);
    expect(shown(state, SMALL)[2]).to.match(/^ drops: kernel 1,234 · interface - · ours 5 /);
    expect(frame(state, SMALL).lines[2][0].look).to.equal('high');
  });

  it('says that it waits, that it is paused, and whose clock it is', () => {
    const view = new SampleLiveView();
    view.clock = 'delivery';
    view.source = 'cap';
    const state = watched(view, SMALL, 'findings', 2);
    expect(shown(state, SMALL)[0]).to.equal(' synoptic live eth0 · cap (clock: delivery) · tcp port 8080 waiting for packets');
    expect(shown(state, SMALL)[4]).to.equal('  Waiting for packets.');
    press(state, { name: 'character', text: 'p' }, SMALL);
    expect(shown(state, SMALL)[0]).to.match(/PAUSED$/);
  });
});

describe('the screen at 120×40', () => {
  it('shows all lists at once', () => {
    const lines = expectShown(LARGE);
    expect(lines[3]).to.match(/^─ States ─+ ─ Findings 1 high, 1 low \(\+1 info: i\) ─+$/);
    expect(lines[5]).to.match(/^› CLOSED +70 +█+ +70 +HIGH +close-wait-leak +124 +10\.0\.0\.5:8080$/);
    expect(lines[17]).to.match(/^─ Servers 2 ─+$/);
    expect(lines[19]).to.match(/^ {2}10\.0\.0\.5:8080 +200 +CLOSE_WAIT 124 +1\.25 ms +0\.31 % +5 min 42 s +half-closed 124, closed 70/);
    expect(lines[24]).to.match(/^─ Flows 40 ─+$/);
    expect(lines[26]).to.equal('      40  10.0.0.9:40040       10.0.0.5:8080        FIN_WAIT_2   CLOSE_WAIT   half-closed     2.5 s  1.77 kB');
  });
});

describe('the screen at 40×12', () => {
  it('shows less, and still what matters', () => {
    const lines = expectShown(TINY);
    expect(lines.slice(0, 5)).to.deep.equal([
      ' synoptic live eth0 · tcpdump · tcp por…',
      ' 100 packets/s  80 kbit/s',
      ' 1 States   2   3   4',
      '  State            Ends             Most',
      '› CLOSED             70  ████████     70',
    ]);
    expect(lines[11]).to.equal('? help  Tab list  q finish');
    expect(expectShown(TINY, 'flows')[4]).to.equal('› 10.0.0.5:8080        CLOSE_WAIT');
  });

  it('shows that flows are looked for when they are first asked for', () => {
    const state = watched(leakingView(), TINY);
    state.pane = 'flows';
    expect(shown(state, TINY)[3]).to.equal('  Looking …');
  });

  it('at 60×20 shows both ends of a flow', () => {
    expect(expectShown({ columns: 60, rows: 20 }, 'flows')[5]).to.equal('› 10.0.0.9:40040       10.0.0.5:8080        CLOSE_WAIT');
  });

  it('tells of losses in place of rates', () => {
    const view = leakingView();
    view.drops = { kernel: 7, interface: 0, own: 0 };
    expect(shown(watched(view, TINY), TINY)[1]).to.equal(' drops: kernel 7 · interface 0 · ours 0');
  });

  it('says when there is no room at all', () => {
    const size = { columns: 20, rows: 5 };
    expect(shown(watched(leakingView(), size), size).slice(0, 2)).to.deep.equal(['20×5 is too small', 'q finishes']);
  });
});

const KEYS: readonly Key[] = [
  ...(['up', 'down', 'left', 'right', 'home', 'end', 'page-up', 'page-down', 'tab', 'back-tab', 'enter', 'escape', 'backspace', 'delete'] as const).map((name) => ({ name, text: '' })),
  ...Array.from('/?sSripw1234ghjkl q:中\u009b8', (text): Key => ({ name: 'character', text })),
  ...Array.from('ubdfwl', (text): Key => ({ name: 'control', text })),
];

describe('a frame', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  const view = fc.record({
    interface: text, filter: text, endpoint: text, rule: text, title: text, explanation: text,
    severity: fc.constantFrom(...SEVERITIES),
    count: fc.oneof(fc.nat(), fc.constantFrom(1e15, Number.MAX_SAFE_INTEGER)),
    seconds: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })),
  }).map((parts) => {
    const made = new SampleLiveView();
    const { endpoint, rule, title, explanation, severity, count } = parts;
    Object.assign(made, { interface: parts.interface, filter: parts.filter, seconds: parts.seconds, packets: count });
    made.states = { CLOSE_WAIT: count };
    made.found = [sampleFinding({ rule, title, explanation, severity, count, subject: { kind: 'endpoint', endpoint } })];
    made.known = [sampleServer({ endpoint, flows: count })];
    made.rows = [sampleFlow(1, { client: endpoint, history: title, findings: [rule] }), sampleFlow(2, { server: endpoint, bytes: [count, 0] })];
    return made;
  });
  const size = fc.record({ columns: fc.integer({ min: 1, max: 150 }), rows: fc.integer({ min: 1, max: 45 }) });

  it('has exactly the size of the screen, and nothing that a terminal obeys, whatever is found and pressed', () => {
    fc.assert(fc.property(view, size, fc.constantFrom(...PANE_NAMES), fc.array(fc.constantFrom(...KEYS), { maxLength: 25 }), (view, size, pane, keys) => {
      const state = watched(view, size, pane, 2);
      for (const key of keys) {
        press(state, key, size);
        state.readings.take(view, shownPanes(state, size));
        const lines = linesOf(state, size);
        expectSize(lines, size);
        // eslint-disable-next-line no-control-regex
        for (const line of lines) expect(line).to.match(/^[^\u0000-\u001f\u007f-\u00a0\u1100-\u1fff\u2028-\u202e\ud800-\uffff]*$/);
      }
    }), { numRuns: 150 });
  });
});

describe('reading a live audit', () => {
  it('asks for what is costly seldom, and for what nobody sees never', () => {
    const view = leakingView();
    let now = 0;
    const state = newState(view, flowOrder('Flow', true), () => now);
    for (; now < 10_000; now += 200) state.readings.take(view, shownPanes(state, SMALL));
    expect(view.asked).to.deep.equal({ findings: 10, certain: 0, servers: 0, flows: 0 });
  });

  it('asks the less often the more it costs', () => {
    const view = leakingView();
    let now = 0;
    const state = newState(view, flowOrder('Flow', true), () => now);
    const report = view.report.bind(view);
    view.report = () => {
      now += 300;
      return report();
    };
    const readings: number[] = [];
    for (let before = 0; now < 200_000; now += 200) {
      state.readings.take(view, shownPanes(state, SMALL));
      if (view.asked.findings > before) readings.push(Math.floor(now / 1000));
      before = view.asked.findings;
    }
    // 300 ms are to be 0.4 % of the time: a reading in 75 s, once it is saved up. Of the first, 200 ms were granted in advance: the others are saved first, in 25 s.
    expect(readings).to.deep.equal([0, 100, 175]);
  });

  it('knows a connection by the findings that list it', () => {
    const view = leakingView();
    const state = watched(view, SMALL, 'flows');
    const rules = new Map(state.readings.flows.rows.map(({ flow, findings }) => [flow, findings]));
    // The evidence of the three sample findings is flows 1, 4 and 9.
    expect(rules.get(4)).to.deep.equal(['close-wait-leak', 'rst-abort', 'keepalive']);
    expect(rules.get(5)).to.deep.equal([]);
  });
});
