import type { Cursor } from './cursor.ts';
import type { Segment } from './segment.ts';

/** Option kinds of the IANA registry "TCP Option Kind Numbers". */
const END = 0;
const NO_OPERATION = 1;
const MAXIMUM_SEGMENT_SIZE = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;
const FAST_OPEN = 34;
const EXPERIMENT = 254;
/** Marks the experimental form of Fast Open (RFC 7413 appendix A, RFC 6994). */
const FAST_OPEN_MAGIC = 0xf989;
/** NOP, NOP, TIMESTAMPS, 10 as one word: nearly every segment begins its options with it (RFC 7323 appendix A). */
export const ALIGNED_TIMESTAMPS = 0x0101080a;
export const ALIGNED_TIMESTAMPS_LENGTH = 12;
const LONGEST_SACK = 34;

/** Marks every option as absent, in an options area of `length` bytes. */
export function clearOptions(segment: Segment, length: number): void {
  segment.optionsLength = length;
  segment.optionsComplete = true;
  segment.optionsMalformed = false;
  segment.mss = -1;
  segment.windowScale = -1;
  segment.sackPermitted = false;
  segment.hasTimestamps = false;
  segment.tsval = 0;
  segment.tsecr = 0;
  segment.sackCount = 0;
  segment.fastOpenCookie = -1;
}

/** Reads the options area `[from, to)` (RFC 9293 §3.2) into a segment that `clearOptions` has prepared. */
export function readOptions(cursor: Cursor, segment: Segment, from: number, to: number): void {
  const view = cursor.view;
  if (to - from === ALIGNED_TIMESTAMPS_LENGTH && to <= cursor.end && view.getInt32(from) === ALIGNED_TIMESTAMPS) {
    segment.hasTimestamps = true;
    segment.tsval = view.getInt32(from + 4);
    segment.tsecr = view.getInt32(from + 8);
    return;
  }
  const bytes = cursor.bytes;
  const end = to < cursor.end ? to : cursor.end;
  let at = from;
  while (at < end) {
    const kind = bytes[at];
    if (kind === END) return;
    if (kind === NO_OPERATION) {
      at += 1;
      continue;
    }
    if (at + 1 >= to) {
      segment.optionsMalformed = true;
      return;
    }
    if (at + 1 >= end) break;
    const length = bytes[at + 1];
    if (length < 2 || at + length > to) {
      segment.optionsMalformed = true;
      return;
    }
    if (at + length > end) break;
    if (!readOption(view, segment, kind, length, at + 2)) segment.optionsMalformed = true;
    at += length;
  }
  if (end < to) segment.optionsComplete = false;
}

/** Reads one option, whose value is at `at`; false if `length` is not possible for its kind. */
function readOption(view: DataView, segment: Segment, kind: number, length: number, at: number): boolean {
  switch (kind) {
    case MAXIMUM_SEGMENT_SIZE:
      if (length !== 4) return false;
      segment.mss = view.getUint16(at);
      return true;
    case WINDOW_SCALE:
      if (length !== 3) return false;
      segment.windowScale = view.getUint8(at);
      return true;
    case SACK_PERMITTED:
      if (length !== 2) return false;
      segment.sackPermitted = true;
      return true;
    case SACK: {
      if (length < 10 || length > LONGEST_SACK || ((length - 2) & 7) !== 0) return false;
      const edges = (length - 2) >> 2;
      for (let edge = 0; edge < edges; edge += 1) segment.sackEdges[edge] = view.getInt32(at + edge * 4);
      segment.sackCount = edges >> 1;
      return true;
    }
    case TIMESTAMPS:
      if (length !== 10) return false;
      segment.hasTimestamps = true;
      segment.tsval = view.getInt32(at);
      segment.tsecr = view.getInt32(at + 4);
      return true;
    case FAST_OPEN:
      segment.fastOpenCookie = length - 2;
      return true;
    case EXPERIMENT:
      if (length >= 4 && view.getUint16(at) === FAST_OPEN_MAGIC) segment.fastOpenCookie = length - 4;
      return true;
    default:
      return true;
  }
}

/** Stacks align options with at most three NOPs. Devices that overwrite an option leave longer runs; Wireshark draws the line there, too. */
const MOST_ALIGNING = 3;
/** NetBSD writes SACK permitted, four NOPs, timestamps. */
const MOST_AFTER_SACK_PERMITTED = 4;

/** Whether there are more NOPs in a row than alignment needs. False if the capture cut the options. */
export function hasOverwrittenOptions(segment: Segment): boolean {
  if (!segment.optionsComplete) return false;
  const end = segment.payloadStart;
  let at = end - segment.optionsLength;
  let run = 0;
  let most = MOST_ALIGNING;
  while (at < end) {
    const kind = segment.bytes[at];
    if (kind === END) return false;
    run = kind === NO_OPERATION ? run + 1 : 0;
    if (run > most) return true;
    if (run === 0) most = kind === SACK_PERMITTED ? MOST_AFTER_SACK_PERMITTED : MOST_ALIGNING;
    const length = kind === NO_OPERATION ? 1 : at + 1 < end ? segment.bytes[at + 1] : 0;
    if (length === 0 || (kind !== NO_OPERATION && length < 2)) return false;
    at += length;
  }
  return false;
}
