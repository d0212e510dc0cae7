/** @typedef {import('../dist/src/core/index.js')} Core */
/** @typedef {Pick<Core, 'EVENTS' | 'FIGURE' | 'REPEATS' | 'OBSERVER' | 'STATE_NAMES' | 'namesOf' | 'step'>} Figure */

/** What stands above this line in docs/states.md is written by hand, what stands below by `renderStates`. */
export const MARK = '<!-- Generated from src/core/tcp/states.ts by `node tools/states-docs.js`. Edit the rows there, not below this line. -->';

/**
 * The page docs/states.md: its head as it is, and everything below the mark made anew.
 * @param {string} page
 * @param {Figure} figure
 * @returns {string}
 */
export function renderStates(page, figure) {
  const end = page.indexOf(MARK);
  if (end < 0) throw new Error('docs/states.md has lost the line that divides its head from the generated tables');
  return `${page.slice(0, end)}${MARK}\n\n${tables(figure)}`;
}

/** @param {Figure} figure */
function tables(figure) {
  const { FIGURE, REPEATS, OBSERVER, STATE_NAMES } = figure;
  const blocks = [
    { name: 'figure', rows: FIGURE },
    { name: 'repeat', rows: REPEATS },
    { name: 'observer', rows: OBSERVER },
  ];
  const all = blocks.flatMap(({ name, rows }) => rows.map((row) => ({ block: name, row })));
  const sections = STATE_NAMES.map((state) => {
    const own = all.filter(({ row: [from] }) => from === state);
    const lines = own.map(({ block, row: [, event, to, source] }) => `| ${event} | ${to === state ? 'stays' : to} | ${block} | ${source} |`);
    return `### ${state}\n\n| event | becomes | block | source |\n|---|---|---|---|\n${lines.join('\n')}\n`;
  });
  const counts = blocks.map(({ name, rows }) => `${rows.length} ${name}`).join(', ');
  return `## The rows, by state\n\n${all.length} rows: ${counts}.\n\n${sections.join('\n')}\n${proofs(figure)}`;
}

/**
 * What each event leaves of total ignorance: the table's answer where every state was possible.
 * @param {Figure} figure
 */
function proofs({ EVENTS, STATE_NAMES, namesOf, step }) {
  const any = (1 << STATE_NAMES.length) - 1;
  const lines = EVENTS.map((event, number) => ({ event, number }))
    .filter(({ event }) => event.startsWith('snd '))
    .map(({ event, number }) => `| ${event} | ${namesOf(step(number, any)).join(', ')} |`);
  return `## What a segment alone proves of its sender\n\n| it sent | so it is now in one of |\n|---|---|\n${lines.join('\n')}\n`;
}
