import { expect } from 'chai';
import fc from 'fast-check';
import { type Key, KeyDecoder } from '../../../../src/node/live/screen/key.ts';

/** What a terminal sends, as text or as bytes. */
function keysOf(...pieces: readonly (string | Uint8Array)[]): string[] {
  const decoder = new KeyDecoder();
  return [...pieces.flatMap((piece) => decoder.decode(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece)), ...decoder.flush()].map(nameOf);
}

function nameOf({ name, text }: Key): string {
  return name === 'character' ? text : name === 'control' ? `^${text}` : `<${name}>`;
}

/** From xterm's "Control Sequences" and the terminfo entries of xterm, screen, tmux, rxvt and linux. */
const SENT: readonly (readonly [bytes: string, key: string])[] = [
  ['\u001b[A', '<up>'], ['\u001b[B', '<down>'], ['\u001b[C', '<right>'], ['\u001b[D', '<left>'],
  ['\u001bOA', '<up>'], ['\u001bOB', '<down>'], ['\u001bOC', '<right>'], ['\u001bOD', '<left>'],
  ['\u001b[H', '<home>'], ['\u001bOH', '<home>'], ['\u001b[1~', '<home>'], ['\u001b[7~', '<home>'],
  ['\u001b[F', '<end>'], ['\u001bOF', '<end>'], ['\u001b[4~', '<end>'], ['\u001b[8~', '<end>'],
  ['\u001b[5~', '<page-up>'], ['\u001b[6~', '<page-down>'], ['\u001b[3~', '<delete>'], ['\u001b[Z', '<back-tab>'],
  ['\u001b[1;5A', '<up>'], ['\u001b[6;3~', '<page-down>'],
  ['\u001bOM', '<enter>'], ['\r', '<enter>'], ['\n', '<enter>'], ['\t', '<tab>'], ['\u007f', '<backspace>'], ['\b', '<backspace>'],
  ['\u0003', '^c'], ['\u001a', '^z'], ['\u000c', '^l'], ['j', 'j'], ['?', '?'], ['ß', 'ß'], ['中', '中'], ['😀', '😀'],
];

describe('the key decoder', () => {
  for (const [bytes, key] of SENT) it(`knows ${JSON.stringify(bytes).replace('\u007f', '\\u007f')}`, () => expect(keysOf(bytes)).to.deep.equal([key]));

  it('reads over sequences that it does not know', () => {
    // Insert, F1 (three ways), focus, bracketed paste, a mouse report, a device's answer.
    for (const bytes of ['\u001b[2~', '\u001bOP', '\u001b[11~', '\u001b[[A', '\u001b[I', '\u001b[200~', '\u001b[<0;10;20M', '\u001b[<0;10;20m', '\u001b[?1;2A', '\u001b[?62;c']) {
      expect(keysOf(bytes, 'x'), JSON.stringify(bytes)).to.deep.equal(['x']);
    }
  });

  it('takes an escape for the key when nothing follows', () => {
    const decoder = new KeyDecoder();
    expect(decoder.decode(Uint8Array.of(0x1b))).to.deep.equal([]);
    expect(decoder.isUndecided).to.equal(true);
    expect(decoder.flush().map(nameOf)).to.deep.equal(['<escape>']);
    expect(decoder.isUndecided).to.equal(false);
    expect(keysOf('\u001bq')).to.deep.equal(['<escape>', 'q']);
    expect(keysOf('\u001b\u001b[A')).to.deep.equal(['<escape>', '<up>']);
  });

  it('forgets a sequence that breaks off', () => {
    expect(keysOf('\u001b[1;')).to.deep.equal([]);
    expect(keysOf('\u001b[1;\u001b[B')).to.deep.equal(['<down>']);
    expect(keysOf(`\u001b[${'1'.repeat(100_000)}A`, 'x')).to.deep.equal(['<up>', 'x']);
  });

  it('knows the same keys however their bytes are cut', () => {
    const typed = fc.array(fc.constantFrom(...SENT), { minLength: 1, maxLength: 10 });
    fc.assert(fc.property(typed, fc.array(fc.nat(), { maxLength: 8 }), (sent, cuts) => {
      const bytes = new TextEncoder().encode(sent.map(([bytes]) => bytes).join(''));
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other), bytes.length];
      const pieces = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
      expect(keysOf(...pieces)).to.deep.equal(sent.map(([, key]) => key));
    }));
  });

  it('survives any bytes', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => void keysOf(...pieces)));
  });
});
