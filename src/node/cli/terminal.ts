import { isatty } from 'node:tty';
import { styleText } from 'node:util';
import type { Paint, Style } from '../../core/index.ts';

/** Columns of text that does not go to a terminal. */
const PAGE_WIDTH = 100;
const NARROWEST = 40;

export type Format = Parameters<typeof styleText>[0];

/** The colours of each style, in the words of `styleText`. */
export const LOOK: { readonly [style in Style]: Format } = {
  heading: 'bold',
  quiet: 'dim',
  command: 'cyan',
  good: ['green', 'bold'],
  warning: 'yellow',
  info: 'blue',
  low: 'cyan',
  medium: ['yellow', 'bold'],
  high: ['red', 'bold'],
  critical: ['white', 'bgRed', 'bold'],
};

/** True when a person looks at what is written to the file descriptor. */
export function isTerminal(fd: number): boolean {
  return isatty(fd);
}

/** Columns of the terminal at standard output (1) or standard error (2); of a page when there is none. */
export function widthOf(fd: number): number {
  if (!isatty(fd)) return PAGE_WIDTH;
  const { columns } = fd === 2 ? process.stderr : process.stdout;
  return columns > 0 ? Math.max(NARROWEST, columns) : 80;
}

/** Paints for a terminal, or gives text back as it is. NO_COLOR (https://no-color.org) counts when it is not empty. */
export function paintFor(fd: number, allowed: boolean, environment: NodeJS.ProcessEnv = process.env): Paint {
  const colour = allowed && isatty(fd) && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  // Else styleText would ask once more, about standard output, by other variables, and in Node 20 not for every style.
  return colour ? (style, text) => styleText(LOOK[style], text, { validateStream: false }) : (_, text) => text;
}
