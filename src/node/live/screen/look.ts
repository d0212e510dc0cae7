import { inspect } from 'node:util';
import type { Phase, Style } from '../../../core/index.ts';
import { PHASE_OF_STATE } from '../../../core/index.ts';
import { type Format, LOOK } from '../../cli/terminal.ts';

/** What a piece of the screen means, for its colour: a style of text, the phase of a state, or a part of the screen. */
export type Look = 'plain' | 'selected' | 'bar' | Style | Phase;

const FORMATS: { readonly [look in Look]: Format } = {
  ...LOOK,
  plain: 'reset',
  selected: 'inverse',
  bar: ['inverse', 'bold'],
  opening: 'yellow',
  established: 'green',
  closing: 'magenta',
  waiting: ['red', 'bold'],
  closed: 'dim',
};

/** All looks; the index of one fits into a byte. */
export const LOOKS = Object.keys(FORMATS) as readonly Look[];

/** Numbers of SGR (ECMA-48 §8.3.117) from here on are colours: 30 to 49, 90 to 107. */
const FIRST_COLOUR = 30;

/** The escape sequence that ends any other look and begins this one. Without colours, only bold, dim and inverse are used. */
function sequence(look: Look, colour: boolean): string {
  const names = [FORMATS[look]].flat() as (keyof typeof inspect.colors)[];
  const codes = names.map((name) => inspect.colors[name]![0]).filter((code) => code > 0 && (colour || code < FIRST_COLOUR));
  return `\u001b[${[0, ...codes].join(';')}m`;
}

/** The escape sequence for each look, by its index. */
export function sequencesOf(colour: boolean): readonly string[] {
  return LOOKS.map((look) => sequence(look, colour));
}

export function stateLook(state: string): Look {
  return PHASE_OF_STATE[state] ?? 'plain';
}
