import { expect } from 'chai';
import fc from 'fast-check';
import { Difference } from '../../../../src/node/live/screen/difference.ts';
import { fitted, type Frame, type Line, piece, textOf } from '../../../../src/node/live/screen/line.ts';
import { type Look, LOOKS, sequencesOf } from '../../../../src/node/live/screen/look.ts';
import { TerminalEmulation } from '../../../support/terminal-emulation.ts';

const SEQUENCES = sequencesOf(true);

/** SGR parameters of a look: between `ESC [` and `m`. */
function parametersOf(look: Look): string {
  return SEQUENCES[LOOKS.indexOf(look)].slice(2, -1);
}

function looksOf(line: Line): string[] {
  return line.flatMap(({ text, look }) => Array.from(text, () => parametersOf(look)));
}

const someLine = fc.array(fc.record({ text: fc.string({ unit: 'binary', maxLength: 12 }), look: fc.constantFrom(...LOOKS) }), { maxLength: 6 })
  .map((pieces) => pieces.map(({ text, look }) => piece(text, look)));

function frameOf(lines: readonly Line[], columns: number, rows: number): Frame {
  return { columns, lines: Array.from({ length: rows }, (_, row) => fitted(lines[row] ?? [], columns)) };
}

describe('the difference between frames', () => {
  it('makes a terminal show each frame, whatever it showed before and whatever its size', () => {
    const step = fc.record({
      lines: fc.array(someLine, { maxLength: 8 }),
      size: fc.option(fc.record({ columns: fc.integer({ min: 1, max: 40 }), rows: fc.integer({ min: 1, max: 10 }) }), { freq: 4 }),
      isForgotten: fc.boolean(),
    });
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
      const terminal = new TerminalEmulation();
      const difference = new Difference(SEQUENCES);
      let size = { columns: 20, rows: 5 };
      terminal.resize(size.columns, size.rows);
      for (const { lines, size: other, isForgotten } of steps) {
        if (other !== null) {
          size = other;
          terminal.resize(size.columns, size.rows);
        }
        // A new size that is the old one: the terminal may have lost what it showed, and only its listener knows.
        if (isForgotten || other !== null) difference.forget();
        const frame = frameOf(lines, size.columns, size.rows);
        terminal.write(difference.draw(frame));
        expect(terminal.isComplete).to.equal(true);
        expect(terminal.lines).to.deep.equal(frame.lines.map(textOf));
        expect(terminal.looks).to.deep.equal(frame.lines.map(looksOf));
      }
    }), { numRuns: 300 });
  });

  it('of another size is the whole frame without being told', () => {
    const terminal = new TerminalEmulation();
    const difference = new Difference(SEQUENCES);
    for (const [columns, rows] of [[10, 3], [10, 4], [12, 4]] as const) {
      terminal.resize(columns, rows);
      terminal.write(difference.draw(frameOf([[piece('same')]], columns, rows)));
      expect(terminal.lines[0]).to.equal('same'.padEnd(columns));
    }
  });

  it('is nothing between two frames that are the same', () => {
    const difference = new Difference(SEQUENCES);
    const frame = frameOf([[piece('one', 'good')], [piece('two')]], 10, 3);
    expect(difference.draw(frame)).to.not.equal('');
    expect(difference.draw(frameOf([[piece('one', 'good')], [piece('two')]], 10, 3))).to.equal('');
  });

  it('is the changed cells only', () => {
    const terminal = new TerminalEmulation();
    terminal.resize(80, 24);
    const difference = new Difference(SEQUENCES);
    const lines = (packets: string): Line[] => Array.from({ length: 24 }, (_, row) => [piece(row === 3 ? `${' '.repeat(40)}${packets} packets` : 'x'.repeat(80))]);
    terminal.write(difference.draw(frameOf(lines('1234'), 80, 24)));
    terminal.written = 0;
    terminal.write(difference.draw(frameOf(lines('1299'), 80, 24)));
    expect(terminal.written).to.equal(2);
  });

  it('is a change of colour, too', () => {
    const terminal = new TerminalEmulation();
    terminal.resize(5, 1);
    const difference = new Difference(SEQUENCES);
    terminal.write(difference.draw(frameOf([[piece('alarm')]], 5, 1)));
    terminal.write(difference.draw(frameOf([[piece('alarm', 'high')]], 5, 1)));
    expect(terminal.looks[0]).to.deep.equal(Array.from('alarm', () => '0;31;1'));
  });
});

describe('the looks', () => {
  it('without colour keep bold, dim and inverse only', () => {
    for (const sequence of sequencesOf(false)) expect(sequence.slice(2)).to.match(/^0(;[127])*m$/);
    expect(sequencesOf(false)[LOOKS.indexOf('selected')]).to.equal('\u001b[0;7m');
    expect(sequencesOf(true)[LOOKS.indexOf('waiting')]).to.equal('\u001b[0;31;1m');
  });
});
