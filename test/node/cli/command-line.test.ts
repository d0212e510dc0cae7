import { expect } from 'chai';
import { firstOperand, readCommandLine } from '../../../src/node/cli/command-line.ts';
import type { OptionTable, OptionValue } from '../../../src/node/cli/options.ts';

const TABLE: OptionTable = {
  quiet: { kind: 'flag', alias: 'q', summary: '', group: '' },
  verbose: { kind: 'flag', alias: 'v', summary: '', group: '' },
  format: { kind: 'text', alias: 'f', choices: ['text', 'json'], summary: '', group: '' },
  output: { kind: 'text', alias: 'o', summary: '', group: '' },
  diff: { kind: 'pair', value: 'T1 T2', summary: '', group: '' },
  set: { kind: 'list', summary: '', group: '' },
};

function read(...args: string[]): { [name: string]: OptionValue } & { operands: string[] } {
  const { options, operands } = readCommandLine(args, TABLE);
  return { ...Object.fromEntries(options), operands };
}

describe('the command line', () => {
  it('gives an option its value in every spelling', () => {
    for (const words of [['--format', 'json'], ['--format=json'], ['-f', 'json'], ['-fjson'], ['-f=json'], ['-vf', 'json']]) {
      expect(read(...words, 'x')).to.include({ format: 'json' }).and.to.deep.include({ operands: ['x'] });
    }
  });

  it('knows flags, alone and together, on and off', () => {
    expect(read('-qv')).to.deep.equal({ quiet: true, verbose: true, operands: [] });
    expect(read('--quiet', '--quiet=false', 'x')).to.deep.equal({ quiet: false, operands: ['x'] });
  });

  it('takes the last of several texts, all items of lists, both of a pair', () => {
    expect(read('-o', 'a', '-o', 'b')).to.deep.equal({ output: 'b', operands: [] });
    expect(read('--set', 'a=1, b=2', 'x', '--set=c=3')).to.deep.equal({ set: ['a=1', 'b=2', 'c=3'], operands: ['x'] });
    expect(read('--diff', '+1s', 'end', 'x')).to.deep.equal({ diff: ['+1s', 'end'], operands: ['x'] });
    expect(read('--diff=+1s', 'end', 'x')).to.deep.equal({ diff: ['+1s', 'end'], operands: ['x'] });
  });

  it('keeps a lone dash, and what comes behind --', () => {
    expect(read('-', '-o', '-', '--', '-q', '--format')).to.deep.equal({ output: '-', operands: ['-', '-q', '--format'] });
    expect(read('--diff', 'a', 'b', '--', 'c')).to.deep.equal({ diff: ['a', 'b'], operands: ['c'] });
  });

  const refused: [string[], string][] = [
    [['--formt', 'json'], 'unknown option --formt; did you mean --format?'],
    [['-x'], 'unknown option -x; see --help for what there is'],
    [['--constructor'], 'unknown option --constructor; see --help for what there is'],
    [['--__proto__=1'], 'unknown option --__proto__; see --help for what there is'],
    [['--format'], '--format needs a value'],
    [['--format='], '--format needs a value'],
    [['--format', '--quiet'], '--format needs a value, and --quiet reads as an option; --format=--quiet takes it as the value'],
    [['-f', '-q'], '-f needs a value, and -q reads as an option; -f-q takes it as the value'],
    [['-qf'], '-f needs a value'],
    [['-f', 'jsn'], '-f jsn: no such choice; did you mean json?'],
    [['--quiet=no'], '--quiet takes no value'],
    [['--diff', '+1s', '--quiet'], '--diff needs two values: T1 T2'],
    [['--diff', '+1s', '--', 'x'], '--diff needs two values: T1 T2'],
  ];
  for (const [args, message] of refused) {
    it(`refuses ${args.join(' ')}`, () => expect(() => readCommandLine(args, TABLE)).to.throw(message));
  }

  it('knows the first operand from the values of options', () => {
    for (const [args, at] of [
      [['audit', 'x'], 0],
      [['-q', 'audit'], 1],
      [['--format', 'audit', 'audit'], 2],
      [['--diff', 'audit', 'audit', 'audit'], 3],
      [['-fjson', '-', 'audit'], 1],
      [['--unknown', 'audit'], 1],
      [['--', 'audit'], -1],
      [['--format', 'json'], -1],
    ] as const) {
      expect(firstOperand(args, TABLE), args.join(' ')).to.equal(at);
    }
  });
});
