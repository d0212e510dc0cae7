import { expect } from 'chai';
import { closeSync, openSync } from 'node:fs';
import { paintFor } from '../../../src/node/cli/terminal.ts';

describe('colour', () => {
  let terminal = -1;
  let page = -1;

  before(() => {
    // The controlling side of a new pseudo-terminal is one, too.
    terminal = openSync('/dev/ptmx', 'r+');
    page = openSync('/dev/null', 'r+');
  });

  after(() => {
    closeSync(terminal);
    closeSync(page);
  });

  it('is for terminals, unless it is refused', () => {
    expect(paintFor(terminal, true, {})('heading', 'x')).to.equal('\u001B[1mx\u001B[22m');
    expect(paintFor(terminal, true, { NO_COLOR: '' })('heading', 'x')).to.equal('\u001B[1mx\u001B[22m');
    expect(paintFor(terminal, true, { NO_COLOR: '1' })('heading', 'x')).to.equal('x');
    expect(paintFor(terminal, true, { TERM: 'dumb' })('heading', 'x')).to.equal('x');
    expect(paintFor(terminal, false, {})('heading', 'x')).to.equal('x');
    expect(paintFor(page, true, {})('heading', 'x')).to.equal('x');
  });

  it('is all or nothing, whatever else Node.js takes for a wish', () => {
    const before = process.env['NODE_DISABLE_COLORS'];
    process.env['NODE_DISABLE_COLORS'] = '1';
    try {
      const paint = paintFor(terminal, true, {});
      expect([paint('quiet', 'x'), paint('high', 'x')]).to.deep.equal(['\u001B[2mx\u001B[22m', '\u001B[31m\u001B[1mx\u001B[22m\u001B[39m']);
    } finally {
      if (before === undefined) delete process.env['NODE_DISABLE_COLORS'];
      else process.env['NODE_DISABLE_COLORS'] = before;
    }
  });
});
