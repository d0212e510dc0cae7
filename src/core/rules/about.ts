import { Observation } from '../observations.ts';
import type { Side } from '../observations.ts';

/** An observation as one about `side`, shown by `packet` at `time`: what the end of a flow says of something that happened earlier. */
export function about(observation: Observation, side: Side, packet: number, time: number): Observation {
  return Object.assign(new Observation(), observation, { side, packet, time });
}
