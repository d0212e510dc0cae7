// node tools/screen-picture.js: runs `synoptic live -` in a terminal of tmux, on a capture of fixtures/ that comes at its own pace, and draws what
// the terminal shows in the tenth second, when the leak is found: docs/live-screen.svg. `node tools/screen-picture.js replay FILE` is the pipe it listens to.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureInstalled, root } from './project.js';

const CAPTURE = 'fixtures/leaking-server/capture.pcap';
const PICTURE = 'docs/live-screen.svg';
const SIZE = { columns: 112, rows: 34 };
/** What the picture is to show, and how many looks at it, so many milliseconds apart, are taken before it is given up. */
const SHOWN = /^ synoptic live .* 9\.\d+ s [^]* HIGH +close-wait-leak/;
const LOOKS = 300;
const LOOK_MS = 100;

/** Of the monospaced text, in pixels. */
const CHARACTER = 7.25;
const LINE = 17;
const MARGIN = 12;

/** Colours by number of SGR, and those of everything else. */
const COLOURS = { 31: '#ff7b72', 32: '#3fb950', 33: '#d29922', 34: '#58a6ff', 35: '#d2a8ff', 36: '#39c5cf', 37: '#f0f6fc', 41: '#b62324' };
const INK = '#c9d1d9';
const PAGE = '#0d1117';
const QUIET = '#8b949e';

const PCAP_HEADER = 24;
const RECORD_HEADER = 16;

/**
 * Writes a pcap with nanoseconds, little-endian, to standard output, each packet at its time after the first; then waits to be ended.
 * @param {string} path
 */
async function replay(path) {
  const bytes = readFileSync(path);
  const timeAt = (at) => bytes.readUInt32LE(at) * 1000 + bytes.readUInt32LE(at + 4) / 1e6;
  const began = performance.now();
  process.stdout.write(bytes.subarray(0, PCAP_HEADER));
  for (let at = PCAP_HEADER; at < bytes.length; ) {
    const wait = timeAt(at) - timeAt(PCAP_HEADER) - (performance.now() - began);
    if (wait > 0) await setTimeout(wait);
    const end = at + RECORD_HEADER + bytes.readUInt32LE(at + 8);
    process.stdout.write(bytes.subarray(at, end));
    at = end;
  }
  await setTimeout(60_000);
}

/** @returns {Promise<string>} the screen with its SGR sequences */
async function screenOfRun() {
  const folder = mkdtempSync(join(tmpdir(), 'synoptic-picture-'));
  const tmux = (...args) => {
    const { status, stdout, stderr, error } = spawnSync('tmux', ['-S', join(folder, 'socket'), '-f', '/dev/null', ...args], { cwd: root, encoding: 'utf8' });
    if (error) throw new Error(`tmux is needed to draw the picture: ${error.message}`);
    if (status !== 0) throw new Error(`tmux ${args[0]}: ${stderr.trim()}`);
    return stdout;
  };
  try {
    const run = `node '${fileURLToPath(import.meta.url)}' replay ${CAPTURE} | node bin/synoptic.js live -`;
    tmux('new-session', '-d', '-x', String(SIZE.columns), '-y', String(SIZE.rows), run);
    let text = '';
    for (let look = 0; look < LOOKS; look++, await setTimeout(LOOK_MS)) {
      text = tmux('capture-pane', '-p', '-e', '-N');
      // eslint-disable-next-line no-control-regex
      if (SHOWN.test(text.replaceAll(/\u001b\[[\d;]*m/g, ''))) return text;
    }
    throw new Error(`the screen never showed ${SHOWN}, but\n${text}`);
  } finally {
    spawnSync('tmux', ['-S', join(folder, 'socket'), 'kill-server']);
    rmSync(folder, { recursive: true });
  }
}

/**
 * Pieces of a line with what SGR (ECMA-48 §8.3.117) says of them. tmux resets attributes with 0 and colours with 39 and 49.
 * @param {string} line
 * @param {{codes: Set<number>}} pen that goes on to the next line
 * @returns {{text: string, codes: Set<number>}[]}
 */
function piecesOf(line, pen) {
  const pieces = [];
  // eslint-disable-next-line no-control-regex
  for (const part of line.split(/(\u001b\[[\d;]*m)/)) {
    if (!part.startsWith('\u001b')) {
      if (part !== '') pieces.push({ text: part, codes: pen.codes });
      continue;
    }
    pen.codes = new Set(pen.codes);
    for (const code of part.slice(2, -1).split(';').map(Number)) {
      if (code === 0) pen.codes.clear();
      else if (code === 39) for (let colour = 30; colour < 38; colour++) pen.codes.delete(colour);
      else if (code === 49) for (let colour = 40; colour < 48; colour++) pen.codes.delete(colour);
      else pen.codes.add(code);
    }
  }
  return pieces;
}

/** @param {string} text */
function xml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * One piece: its background where it has one, and each of its words where it belongs, whatever the font's own width is.
 * @param {{text: string, codes: Set<number>}} piece
 * @param {number} column
 * @param {number} row
 */
function drawPiece({ text, codes }, column, row) {
  const colour = [...codes].find((code) => code >= 30 && code < 38);
  const ink = colour === undefined ? (codes.has(2) ? QUIET : INK) : COLOURS[colour];
  const background = [...codes].find((code) => code >= 40 && code < 48);
  const page = codes.has(7) ? ink : background === undefined ? null : COLOURS[background];
  const x = (at) => (MARGIN + (column + at) * CHARACTER).toFixed(1);
  const top = MARGIN + row * LINE;
  const width = (length) => (length * CHARACTER).toFixed(1);
  const drawn = page === null ? [] : [`<rect x="${x(0)}" y="${top}" width="${width(text.length)}" height="${LINE}" fill="${page}"/>`];
  for (const { 0: words, index } of text.matchAll(/\S+(?: \S+)*/g)) {
    const bold = codes.has(1) ? ' font-weight="bold"' : '';
    drawn.push(`<text x="${x(index)}" y="${top + 13}" fill="${codes.has(7) ? PAGE : ink}"${bold} textLength="${width(words.length)}">${xml(words)}</text>`);
  }
  return drawn;
}

/** @param {string} screen */
function draw(screen) {
  const pen = { codes: new Set() };
  const drawn = screen.split('\n').slice(0, SIZE.rows).flatMap((line, row) => {
    let column = 0;
    return piecesOf(line, pen).flatMap((piece) => {
      column += piece.text.length;
      return drawPiece(piece, column - piece.text.length, row);
    });
  });
  const [width, height] = [Math.ceil(SIZE.columns * CHARACTER + 2 * MARGIN), SIZE.rows * LINE + 2 * MARGIN];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    '<title>synoptic live: states, findings, servers and flows of a server that leaks connections</title>',
    `<style>text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; white-space: pre; }</style>`,
    `<rect width="${width}" height="${height}" rx="6" fill="${PAGE}"/>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

const [command, path] = process.argv.slice(2);
if (command === 'replay') {
  process.stdout.on('error', () => process.exit());
  await replay(path);
} else {
  ensureInstalled();
  ensureBuilt('program');
  writeFileSync(join(root, PICTURE), draw(await screenOfRun()));
}
