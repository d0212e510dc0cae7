import { analyse } from '../analyse.ts';
import { captureFile, capturePackets, converse, ENDINGS, type Ending, EPOCH, type Fate } from './conversations.ts';
import { timelines } from '../truth/timeline.ts';
import { judgeBy, type Verdict } from './judge.ts';

export interface SingleFault {
  ending: Ending;
  /** Did either end send data before it closed? */
  data: boolean;
  /** Which segment, in the order of sending, met the fault. */
  segment: number;
  verdict: Verdict;
}

/** Segments of the longest of these conversations, without repeats. */
const SEGMENTS = 12;
const QUIET = {
  clientDelay: 1e6,
  serverDelay: 2e6,
  clientIss: 10_000,
  serverIss: 20_000,
  endsAt: 100,
};

/** A new conversation begins this often (nanoseconds), so that the capture goes on: silence before its end says something. */
const APART = 2e9;

/** Every kind of conversation, with and without data, in which the fault meets one segment: the first, the second, and so on. */
export function singleFaults(fate: Fate): SingleFault[] {
  const segments = Array.from({ length: SEGMENTS }, (_, at) => at + 1);
  const cases = ENDINGS.flatMap((ending) => [false, true].flatMap((data) => segments.map((segment) => ({ ending, data, segment }))));
  const conversations = cases.map(({ ending, data, segment }, index) => {
    const writes = data ? [[20, 100] as const] : [];
    const fates = [...Array.from({ length: segment - 1 }, (): Fate => 'arrives'), fate];
    return converse({ ...QUIET, start: index * APART, clientWrites: writes, serverWrites: writes, ending, fates }, index);
  });
  const ends = timelines(analyse([captureFile(capturePackets(conversations))]).timeline, EPOCH);
  return cases.map((each, index) => ({ ...each, verdict: judgeBy(ends, [conversations[index]]) }));
}
