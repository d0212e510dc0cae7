import { count } from '../../../../core/index.ts';
import { stateLook } from '../look.ts';
import { paneOf } from '../pane.ts';
import type { StateReading } from '../readings.ts';
import type { ScreenColumn } from '../table.ts';
import { showFlows } from './flows.ts';

/** Columns of all but the sparkline. */
const REST = 32;
const LONGEST_SPARKLINE = 60;

/** By the columns that the sparkline has. */
const COLUMNS: (readonly ScreenColumn<StateReading>[])[] = [];

function columnsWith(room: number): readonly ScreenColumn<StateReading>[] {
  return [
    { title: 'State', least: 12, cell: ({ state }) => state, look: ({ state, ends }) => (ends === 0 ? 'quiet' : stateLook(state)) },
    { title: 'Ends', right: true, least: 7, cell: ({ ends }) => count(ends), look: ({ ends }) => (ends === 0 ? 'quiet' : 'plain') },
    {
      title: room < 10 ? '' : `last ${room} s`, rank: 1, least: room,
      cell: ({ trail }) => trail.drawn(room),
      look: ({ state }) => stateLook(state),
    },
    { title: 'Most', right: true, rank: 2, least: 5, cell: ({ trail, ends }) => count(Math.max(ends, trail.highest)), look: () => 'quiet' },
  ];
}

/** How many ends are in each state, and how many there were. */
export const statesPane = paneOf<StateReading>({
  name: 'states',
  title: () => 'States',
  columns(_, width) {
    const room = Math.max(0, Math.min(LONGEST_SPARKLINE, width - REST));
    return (COLUMNS[room] ??= columnsWith(room));
  },
  rows: ({ readings }) => readings.states,
  keyOf: ({ state }) => state,
  nothing: () => '',
  open({ state }, screen) {
    showFlows(screen, `state:${state}`);
    return null;
  },
});
