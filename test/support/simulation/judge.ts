import type { StateName, TimelineRow } from '../../../src/core/index.ts';
import { endName, type Timeline, timelines } from '../truth/timeline.ts';
import { type Conversation, EPOCH } from './conversations.ts';

/** The ends are looked at this often, nanoseconds. */
const EVERY = 10e6;
/** … and for so long after the last segment. */
const BEYOND = 500e6;

/** How an analysis compares with what simulated ends know of themselves. */
export interface Verdict {
  compared: number;
  /** Instants at which the estimate is the true state, within the delay between the end and the capture point. */
  agreed: number;
  /** Instants at which the true state is among the possible ones. */
  covered: number;
  /** "local is TRUE STATE, estimate …, possible …" and at how many instants. */
  misses: Map<string, number>;
}

/** Compares what was said of the conversations with what their ends know, instant by instant. */
export function judge(conversations: readonly Conversation[], rows: readonly TimelineRow[]): Verdict {
  return judgeBy(timelines(rows, EPOCH), conversations);
}

/** The same, with the rows sorted by end already. */
export function judgeBy(ends: Map<string, Timeline>, conversations: readonly Conversation[]): Verdict {
  const verdict: Verdict = { compared: 0, agreed: 0, covered: 0, misses: new Map() };
  for (const conversation of conversations) {
    const { client, server } = conversation;
    judgeEnd(conversation, 'client', client, ends.get(endName(client, server)), verdict);
    judgeEnd(conversation, 'server', server, ends.get(endName(server, client)), verdict);
  }
  return verdict;
}

function judgeEnd({ states, frames, delay }: Conversation, role: string, local: string, timeline: Timeline | undefined, verdict: Verdict): void {
  const [first, last] = [frames[0]?.time, frames.at(-1)?.time];
  if (first === undefined || last === undefined) return;
  for (let time = first + delay; time <= last + BEYOND; time += EVERY) {
    const state = stateAt(states[local] ?? [], time);
    // A listener, and an end that does not exist, are not of this connection.
    if (state === 'LISTEN' || (state === 'CLOSED' && timeline === undefined)) continue;
    const held = timeline?.during(time - delay, time + delay) ?? new Set<StateName>();
    const possible = timeline?.possibleDuring(time - delay, time + delay)?.states ?? new Set<StateName>();
    const agrees = held.has(state) || (state === 'CLOSED' && held.size === 0);
    const covers = possible.has(state) || (state === 'CLOSED' && possible.size === 0);
    verdict.compared++;
    if (agrees) verdict.agreed++;
    if (covers) verdict.covered++;
    if (agrees && covers) continue;
    const miss = `${role} is ${state}, estimate ${[...held].join('|')}${covers ? '' : `, possible ${[...possible].join('|')}`}`;
    verdict.misses.set(miss, (verdict.misses.get(miss) ?? 0) + 1);
  }
}

function stateAt(states: readonly { time: number; state: StateName }[], time: number): StateName {
  let found: StateName = 'CLOSED';
  for (const each of states) if (each.time <= time) found = each.state;
  return found;
}
