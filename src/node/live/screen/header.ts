import { bitRate, bytes, count, duration, isoTime } from '../../../core/index.ts';
import { fitted, type Line, piece, spread, widthOf } from './line.ts';
import type { Look } from './look.ts';
import type { Readings } from './readings.ts';
import type { ScreenState } from './state.ts';

const SPARKLINE = 30;

/** The interface, the rates and the losses, in one to three lines. With two, losses are shown only if there are any. */
export function headerLines(state: ScreenState, width: number, height: number): Line[] {
  const { readings } = state;
  const lines = [title(state, width), traffic(readings, width), losses(readings, width)];
  if (height === 2 && hasLosses(readings)) lines.splice(1, 1);
  return lines.slice(0, height);
}

function hasLosses({ counters: { drops } }: Readings): boolean {
  return (drops.kernel ?? 0) + (drops.interface ?? 0) + drops.own > 0;
}

function title({ readings: { about, elapsed, latest }, isPaused }: ScreenState, width: number): Line {
  const source = about.clock === 'delivery' ? `${about.source} (clock: delivery)` : about.source;
  const parts = [`synoptic live ${about.interface}`, source, about.filter].filter((part) => part !== '');
  const time = latest === null || elapsed === null ? 'waiting for packets' : `${duration(elapsed)} · ${isoTime(latest).slice(11, 19)} UTC`;
  const right = isPaused ? 'PAUSED' : time;
  const room = width - right.length - 2;
  const left = piece(` ${parts.join(' · ')}`, 'bar');
  return spread(room < 16 ? [left] : fittedTo([left], room), [piece(`${right} `, isPaused ? 'critical' : 'bar')], width, 'bar');
}

/** Cut if there is not enough room. */
function fittedTo(line: Line, room: number): Line {
  return widthOf(line) > room ? fitted(line, room, 'bar') : line;
}

function traffic({ rates, counters, packetTrail }: Readings, width: number): Line {
  const packets = `${count(Math.round(rates.packets))} packets/s`;
  const bits = bitRate(rates.bits);
  const total = piece(`${count(counters.packets)} packets · ${bytes(counters.bytes)} `, 'quiet');
  const room = Math.min(SPARKLINE, width - packets.length - bits.length - total.text.length - 7);
  const graph = room < 8 ? '' : `${packetTrail.drawn(room)}  `;
  return spread([piece(` ${packets}  `, 'heading'), piece(graph, 'good'), piece(bits)], [total], width);
}

function losses(readings: Readings, width: number): Line {
  const { counters } = readings;
  const { drops, syn, synAck, rst, fin, retransmitted } = counters;
  const losses: [string, number | null][] = [['kernel', drops.kernel], ['interface', drops.interface], ['ours', drops.own]];
  const look: Look = hasLosses(readings) ? 'high' : 'quiet';
  const number = (lost: number | null): string => (lost === null ? '-' : count(lost));
  const long = ` drops: ${losses.map(([where, lost]) => `${where} ${number(lost)}`).join(' · ')}`;
  const short = ` drops: ${losses.map(([, lost]) => number(lost)).join(' / ')}`;
  const segments = [`SYN ${count(syn)}`, `SYN-ACK ${count(synAck)}`, `RST ${count(rst)}`, `FIN ${count(fin)}`, `sent again ${count(retransmitted)}`];
  const left = [piece(long.length <= width ? long : short, look)];
  const right = (parts: readonly string[]): Line => [piece(`${parts.join(' · ')} `, 'quiet')];
  const fits = widthOf(left) + widthOf(right(segments)) < width;
  return spread(left, right(fits ? segments : segments.slice(2)), width);
}
