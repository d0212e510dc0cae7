/** @typedef {Pick<import('../dist/src/core/index.js'), 'FIGURE' | 'REPEATS' | 'OBSERVER'>} Rows */

/**
 * An arrow of the diagram: where its words stand (beside the middle, unless moved), and a point that it bends by.
 * @typedef {object} Way
 * @property {[number, number]} words
 * @property {'start' | 'middle' | 'end'} anchor
 * @property {[number, number]} [bend]
 */

const WIDTH = 1120;
const HEIGHT = 850;
const BOX = { width: 150, height: 36 };
const LINE = 16;

/** Centres of the states; CLOSED stands twice, where connections begin and where they end. @type {{[state: string]: [number, number]}} */
const PLACES = {
  CLOSED: [560, 40],
  LISTEN: [160, 130],
  SYN_SENT: [960, 130],
  SYN_RECEIVED: [160, 330],
  ESTABLISHED: [560, 330],
  FIN_WAIT_1: [160, 540],
  CLOSE_WAIT: [960, 540],
  CLOSING: [560, 610],
  FIN_WAIT_2: [160, 760],
  TIME_WAIT: [560, 760],
  LAST_ACK: [960, 690],
  'CLOSED again': [960, 810],
};

/** @type {{[arrow: string]: Way}} */
const WAYS = {
  'CLOSED SYN_SENT': { words: [770, 68], anchor: 'start' },
  'LISTEN SYN_SENT': { words: [560, 116], anchor: 'middle' },
  'LISTEN SYN_RECEIVED': { words: [170, 215], anchor: 'start' },
  'SYN_SENT SYN_RECEIVED': { words: [470, 195], anchor: 'middle' },
  'SYN_SENT ESTABLISHED': { words: [790, 245], anchor: 'start' },
  'SYN_RECEIVED ESTABLISHED': { words: [385, 366], anchor: 'middle' },
  'SYN_RECEIVED FIN_WAIT_1': { words: [150, 450], anchor: 'end' },
  'SYN_RECEIVED CLOSE_WAIT': { words: [690, 512], anchor: 'middle', bend: [560, 470] },
  'ESTABLISHED FIN_WAIT_1': { words: [300, 425], anchor: 'middle' },
  'ESTABLISHED CLOSE_WAIT': { words: [800, 420], anchor: 'start' },
  'FIN_WAIT_1 FIN_WAIT_2': { words: [150, 650], anchor: 'end' },
  'FIN_WAIT_1 CLOSING': { words: [340, 538], anchor: 'start' },
  'FIN_WAIT_1 TIME_WAIT': { words: [335, 690], anchor: 'end' },
  'FIN_WAIT_2 TIME_WAIT': { words: [360, 795], anchor: 'middle' },
  'CLOSE_WAIT LAST_ACK': { words: [970, 610], anchor: 'start' },
  'CLOSING TIME_WAIT': { words: [570, 680], anchor: 'start' },
  'LAST_ACK CLOSED again': { words: [970, 745], anchor: 'start' },
};

/**
 * docs/states.svg: the arrows of the RFC's figure, each with what an observer sees. A segment from the end itself proves the new state; one to
 * it only makes that likely.
 * @param {Rows} rows
 * @returns {string}
 */
export function renderFigure({ FIGURE, REPEATS, OBSERVER }) {
  const rows = [...FIGURE, ...REPEATS, ...OBSERVER];
  /** @type {Map<string, string[]>} */
  const arrows = new Map();
  const note = (/** @type {string} */ from, /** @type {string} */ to, /** @type {string} */ event) => {
    const name = `${from} ${to === 'CLOSED' ? 'CLOSED again' : to}`;
    const ambiguous = event.startsWith('snd') && rows.filter((row) => row[0] === from && row[1] === event).length > 1;
    arrows.set(name, [...(arrows.get(name) ?? []), ambiguous ? `${event}?` : event]);
  };
  for (const [from, event, to] of FIGURE) if (event !== 'rcv RST') note(from, to, event);
  for (const [from, event, to] of OBSERVER) if (event.startsWith('snd') && event !== 'snd RST' && FIGURE.some((row) => row[0] === from && row[2] === to && row[1] !== 'rcv RST')) note(from, to, event);
  const drawn = [...arrows].map(([name, events]) => arrow(name, events));
  const boxes = Object.entries(PLACES).map(([state, [x, y]]) => box(state.replace(' again', ''), x, y));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Helvetica, Arial, sans-serif" font-size="13">
<title>The eleven states of TCP, with what an observer sees on each arrow</title>
<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" fill="#444"/></marker></defs>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${drawn.map(({ line }) => line).join('\n')}
${line([560, 778], [885, 810], ' stroke-dasharray="2 5"', [600, 830])}
${boxes.join('\n')}
${drawn.map(({ words }) => words).join('\n')}
${text([735, 842], 'middle', ['2 MSL: not visible'], '#777')}
${text([20, 30], 'start', ['from it: proves the new state (?: or another)'], PROVED)}
${text([20, 30 + LINE], 'start', ['to it: makes it likely, until it answers'], PRESUMED)}
${text([WIDTH - 20, 30], 'end', ['any state: a RST that it must accept, to it or from it,', 'leads to CLOSED, and only likely: anyone can forge one'], PRESUMED)}
</svg>
`;
}

const PROVED = '#0a5c2b';
const PRESUMED = '#7a4a00';

/**
 * @param {string} name
 * @param {string[]} events
 */
function arrow(name, events) {
  const way = WAYS[name];
  const from = Object.keys(PLACES).find((state) => name.startsWith(`${state} `) && PLACES[name.slice(state.length + 1)] !== undefined);
  if (way === undefined || from === undefined) throw new Error(`the diagram has no place for the arrow ${name}: tools/states-figure.js`);
  const to = PLACES[name.slice(from.length + 1)];
  const [start, end] = [PLACES[from], to].map((place, index) => edge(place, way.bend ?? (index === 0 ? to : PLACES[from])));
  const seen = events.map((event) => (event.startsWith('snd ') ? { words: `${event.slice(4).replace('?', '')} from it${event.endsWith('?') ? ' ?' : ''}`, colour: PROVED } : { words: `${event.slice(4)} to it`, colour: PRESUMED }));
  const tall = seen.length * LINE;
  const words = seen.map(({ words: what, colour }, index) => text([way.words[0], way.words[1] - tall / 2 + LINE * (index + 0.75)], way.anchor, [what], colour));
  return { line: line(start, end, '', way.bend), words: words.join('\n') };
}

/** Where the way from the middle of a box towards a point leaves the box. @param {[number, number]} box @param {[number, number]} towards @returns {[number, number]} */
function edge([x, y], [towardsX, towardsY]) {
  const [across, down] = [towardsX - x, towardsY - y];
  const share = Math.min(BOX.width / 2 / Math.max(1e-9, Math.abs(across)), BOX.height / 2 / Math.max(1e-9, Math.abs(down)));
  return [Math.round(x + across * share), Math.round(y + down * share)];
}

/** @param {[number, number]} from @param {[number, number]} to @param {string} more @param {[number, number]} [bend] */
function line([fromX, fromY], [toX, toY], more, bend) {
  const by = bend === undefined ? 'L' : `Q${bend[0]} ${bend[1]} `;
  return `<path d="M${fromX} ${fromY} ${by}${toX} ${toY}" fill="none" stroke="#444" stroke-width="1.3" marker-end="url(#head)"${more}/>`;
}

/** @param {string} state @param {number} x @param {number} y */
function box(state, x, y) {
  const corner = `x="${x - BOX.width / 2}" y="${y - BOX.height / 2}" width="${BOX.width}" height="${BOX.height}"`;
  return `<rect ${corner} rx="6" fill="#eef3fb" stroke="#2b4a7a" stroke-width="1.5"/>\n${text([x, y + 5], 'middle', [state], '#111', ' font-weight="bold"')}`;
}

/** @param {[number, number]} place @param {string} anchor @param {string[]} lines @param {string} colour @param {string} [more] */
function text([x, y], anchor, lines, colour, more = '') {
  const halo = ' stroke="#fff" stroke-width="4" paint-order="stroke" stroke-linejoin="round"';
  return lines.map((words, index) => `<text x="${x}" y="${y + index * LINE}" text-anchor="${anchor}" fill="${colour}"${more === '' ? halo : more}>${words}</text>`).join('\n');
}
