import type { AuditOptions, TimelineRow } from '../../src/core/index.ts';
import { Kind } from '../../src/core/observations.ts';
import type { Observation } from '../../src/core/observations.ts';
import { conversation } from '../../src/core/rules/conversation.ts';
import type { ConversationSegment } from '../../src/core/rules/conversation.ts';
import { TcpContext } from '../../src/core/tcp/context.ts';
import { Tracker } from '../../src/core/tcp/tracker.ts';
import { Decoder } from '../../src/core/wire/decode.ts';
import { Decoded, Segment } from '../../src/core/wire/segment.ts';
import { receiveIcmpError } from '../../src/core/tcp/icmp.ts';
import type { Analysis } from './analyse.ts';
import { analyse } from './analyse.ts';
import { frameOf } from './conversation-frames.ts';
import { record } from './packets.ts';
import { pcap } from './pcap-writer.ts';

/** 2026-01-01T00:00:00Z, when every conversation begins. */
export const EPOCH = 1_767_225_600_000_000_000n;
const MILLISECOND = 1e6;

/** A frame at a time in nanoseconds since the conversation's start. */
export interface Timed {
  time: number;
  data: Uint8Array;
}

/** The frames of a conversation. */
export function framesOf(text: string): Timed[] {
  return conversation(text).map((segment) => ({ time: segment.time, data: frameOf(segment) }));
}

/** Runs frames, in the order given, through the engine. */
export function analyseFrames(frames: readonly Timed[], options: AuditOptions = {}): Analysis {
  const packets = frames.map(({ time, data }) => ({ time: EPOCH + BigInt(time), data }));
  return analyse([pcap(packets, { variant: 'nanosecond' })], options);
}

/**
 * What the analysis says in the end of the states of each end: "0 SYN_SENT, 2 ESTABLISHED" for C and for S (of their connection;
 * "D S" is D's end towards S), times in milliseconds since the conversation's start. A row replaces what was said of its time and
 * after, as the contract has it.
 */
export interface States {
  [end: string]: string;
}

export function statesOf(text: string, options: AuditOptions = {}): States {
  return statesIn(analyseFrames(framesOf(text), options).timeline);
}

export function statesIn(timeline: readonly TimelineRow[]): States {
  const ends = new Map<string, { time: bigint; state: TimelineRow['state'] }[]>();
  for (const { t_ns: time, local, remote, state } of timeline) {
    const name = endOf(local, remote);
    let history = ends.get(name);
    if (history === undefined) ends.set(name, (history = []));
    while (history.length > 0 && history.at(-1)!.time >= time) history.pop();
    if (history.at(-1)?.state !== state) history.push({ time, state });
  }
  return Object.fromEntries(
    [...ends].map(([name, history]) => [name, history.map(({ time, state }) => `${Number(time - EPOCH) / MILLISECOND} ${state}`).join(', ')]),
  );
}

/** The states that each end may be in when a conversation is over. */
export function possibleOf(text: string): { [end: string]: TimelineRow['state'][] } {
  const { timeline } = analyseFrames(framesOf(text));
  return Object.fromEntries(timeline.map(({ local, remote, possible }) => [endOf(local, remote), [...possible]]));
}

/**
 * The facts that the tracker hands on for a conversation, in order: "FIN C 100 0" for the kind, the end that it is about, and the
 * two numbers. With `alter` the decoded segments can be changed before the tracker sees them.
 */
export function observationsOf(text: string, alter: (segment: Segment, sent: ConversationSegment) => void = () => {}): string[] {
  const facts: string[] = [];
  const names: [string, string][] = [];
  const kinds = new Map<number, string>(Object.entries(Kind).map(([name, kind]) => [kind, name]));
  let current: [string, string] = ['', ''];
  const observe = ({ kind, flow, side, a, b }: Observation): void => {
    if (kind === Kind.FLOW_STARTED) names[flow] = current;
    facts.push(`${kinds.get(kind)} ${names[flow][side]} ${a} ${b}`);
  };
  const context = new TcpContext(observe, () => {});
  const tracker = new Tracker(context, (flow) => context.table.release(flow));
  const decoder = new Decoder();
  const segment = new Segment();
  let last = 0;
  conversation(text).forEach((sent, index) => {
    const decoded = decoder.decode(record(frameOf(sent), { time: sent.time, number: index + 1 }), segment);
    alter(segment, sent);
    current = [nameOf(`${sent.source.address}:${sent.source.port}`), nameOf(`${sent.destination.address}:${sent.destination.port}`)];
    last = sent.time;
    if (decoded === Decoded.ICMP_ERROR) receiveIcmpError(context, segment);
    else tracker.segment(segment, context.table.find(segment));
  });
  context.table.forEach((flow) => tracker.close(flow, last));
  return facts;
}

/** The name of one end of a connection. */
function endOf(local: string, remote: string): string {
  const [name, other] = [nameOf(local), nameOf(remote)];
  return `${name}${other}` === 'CS' || `${name}${other}` === 'SC' || name === other ? name : `${name} ${other}`;
}

/** The conversation's name of a default end; other endpoints stay as they are. */
function nameOf(endpoint: string): string {
  if (endpoint === '192.0.2.10:40000') return 'C';
  if (endpoint === '198.51.100.1:443') return 'S';
  if (endpoint === '203.0.113.68:40000') return 'D';
  return endpoint;
}

/** [what it shows, the conversation, the states of its ends]. */
export type StateCase = readonly [clause: string, text: string, states: States];
