/* How the steps of a ladder are put into words, for text and picture. */
import type { ChangeStep, EndState, FoldStep, Ladder, PacketStep } from '../report/ladder.ts';
import { bytes, count, duration, isoTime, plural } from '../quantity.ts';
import { countsText } from './words.ts';

const FLAGS: { readonly [letter: string]: string } = { S: 'SYN', F: 'FIN', R: 'RST', P: 'PSH', A: 'ACK', U: 'URG', E: 'ECE', C: 'CWR', N: 'AE' };

/** Silences of at least this many seconds are mentioned: the minimum retransmission timeout of Linux. */
const SILENCE = 0.2;

/** `ESTABLISHED`, with a `?` if the whole capture leaves more than one state possible. Empty before anything is known. */
export function stateText(end: EndState): string {
  if (end === null || end.state === 'UNSEEN') return '';
  return `${end.state}${end.possible.length > 1 ? '?' : ''}`;
}

/** Flags and numbers, the most important first: `SYN ACK`, `seq 0`, `ack 1`, `win 65160`. */
export function packetWords({ flags, seq, len, ack, win }: PacketStep): string[] {
  const names = flags === '' ? 'no flags' : flags.split('').map((letter) => FLAGS[letter] ?? letter).join(' ');
  return [names, `seq ${seq}`, ...(len > 0 ? [`len ${len}`] : []), ...(ack === null ? [] : [`ack ${ack}`]), `win ${win}`];
}

/** `… 214 segments, 310 kB, no incident …` */
export function foldWords({ segments, bytes: sent, labels, lasting_seconds }: FoldStep): string {
  const more = countsText(labels);
  const size = sent[0] + sent[1] === 0 ? 'no data' : bytes(sent[0] + sent[1]);
  const lasting = lasting_seconds >= SILENCE ? ` in ${duration(lasting_seconds)}` : '';
  return `… ${plural(segments[0] + segments[1], 'segment')}, ${size}${lasting}, ${more === '' ? 'no incident' : `more of the same: ${more}`} …`;
}

/** A change of state at which no packet is drawn: `server: CLOSED (shown by #7)`. */
export function changeWords(step: ChangeStep): string {
  const end = step[step.end];
  const states = end === null ? 'unknown' : end.possible.length > 1 ? end.possible.join(' or ') : end.state;
  return `${step.end}: ${states} (shown by #${step.proof})`;
}

/** `203 ms later`; empty if the step follows at once. */
export function gapWords(seconds: number): string {
  return seconds >= SILENCE ? `${duration(seconds)} later` : '';
}

/** What the ladder shows, in a title and one or two sentences. */
export function headWords({ flow, copies }: Ladder): [string, ...string[]] {
  const inferred = flow.direction === 'inferred' ? ' (which end is the client is inferred)' : '';
  const sentences: [string, ...string[]] = [
    `Flow ${flow.flow}: ${flow.client} → ${flow.server}, ${flow.outcome}${inferred}`,
    `${plural(flow.packets[0] + flow.packets[1], 'packet')}, ${bytes(flow.bytes[0])} from the client, ${bytes(flow.bytes[1])} from the server, ` +
      `over ${duration(flow.duration)} from ${isoTime(flow.start_ns)}`,
  ];
  if (copies > 0) sentences.push(`${count(copies)} second ${copies === 1 ? 'copy' : 'copies'} of packets in the capture ${copies === 1 ? 'is' : 'are'} not drawn`);
  return sentences;
}
