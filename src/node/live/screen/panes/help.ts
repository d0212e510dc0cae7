import { FILTER_EXAMPLE } from '../flow-filter.ts';
import { type Line, piece } from '../line.ts';
import { wrap } from '../../../../core/index.ts';
import { type Detail, detailOf } from '../state.ts';

const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ['Tab ← → h l', 'the next list, the one before; 1 to 4: states, findings, servers, flows'],
  ['↑ ↓ k j', 'the row before, the next; PgUp PgDn Ctrl-U Ctrl-D a page; g G first and last'],
  ['Enter', 'a finding in words; a connection packet by packet; the flows of a state or a server'],
  ['/', 'filter the flows'],
  ['s S r', 'sort by the next column, by the one before; reverse'],
  ['i', 'list findings at info severity, too'],
  ['p Space', 'pause: the screen stands still, the audit goes on'],
  ['w', 'write the report as it stands to a file'],
  ['Esc', 'back; in the flows: take the filter away'],
  ['Ctrl-L', 'draw everything again'],
  ['Ctrl-Z', 'suspend; fg comes back'],
  ['q Ctrl-C', 'finish: stop listening, and print what was found'],
];

const TEXT = [
  'Filter: words that must all hold. FIELD:VALUE or FIELD:VALUE,VALUE with the fields state, port (8000-8099 is a range), host (an address or a network), outcome, rule; ' +
    'any other word is part of an address. - before a word makes it its opposite.',
  `For example ${FILTER_EXAMPLE.replace(' rule:rst-abort outcome:reset', '')}, or -state:CLOSED rule:rst-abort, or outcome:reset,aborted.`,
  'Ends counts sockets: a connection has two. ● marks findings that are new. Packets and bits per second are of the last second; drops are packets that were lost ' +
    'before they could be analysed: in the kernel, on the interface, by us.',
];

const LABEL = 14;

export function helpDetail(): Detail {
  return detailOf('Keys', '', (width) => {
    const lines: Line[] = KEYS.flatMap(([keys, meaning]) => {
      const [first, ...rest] = wrap(meaning, Math.max(20, width - LABEL));
      return [[piece(keys.padEnd(LABEL), 'command'), piece(first)], ...rest.map((line) => [piece(' '.repeat(LABEL)), piece(line)])];
    });
    const prose = TEXT.flatMap((paragraph) => [[], ...wrap(paragraph, Math.min(width, 100)).map((line) => [piece(line)])]);
    return [...lines, ...prose];
  });
}
