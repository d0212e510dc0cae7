import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../wire/segment.ts';
import { play } from './conversation-play.ts';
import { ConversationError } from './errors.ts';

/**
 * The notation of tiny conversations, for the rules' examples, their documentation and tests. One segment a line, as dialogue:
 *
 *     S = 198.51.100.1:8080 ttl=57       # a name's address and port, and what its segments carry
 *     C > S  SYN                         # seq and ack follow by themselves, options are Linux's
 *     S > C  SYN ACK
 *     C > S  ACK
 *     C > S  PSH ACK 100                 # 100 bytes of payload
 *     +0.2 S > C PSH ACK 100 again       # 0.2 s later; the same segment once more: sequence numbers do not move on
 *     S > C  PSH ACK 100 copy ttl=56     # captured twice: the segment before, to the last bit but for what is set
 *     ~ S > C  FIN ACK                   # sent, and not captured
 *     S > C  RST ACK seq=+1 ttl=250      # relative to the natural value (+n, -n) or absolute (seq=1000)
 *     R > C  ICMP 3/1 S                  # R reports type 3 code 1 about C's last segment to S
 *     repeat 50 every 0.1 { C# > S SYN; S > C# SYN ACK }
 *
 * Lines are a millisecond apart unless they begin with +seconds. In a repeat, `C#` is another host each time (C1, C2 …), `C:#`
 * the same host with another port; rounds begin `every` so many seconds, or when the one before has ended. Names that begin
 * with S serve on port 443, others use ports from 40000. Options of a segment: seq, ack, win, ttl, ipid, mss, ws (-8: none), ts (0: none;
 * +n, -n: so many ticks off), echo (+n, -n: so many ticks off the timestamp received last, which "again" leaves as it is), sack (in a SYN 0:
 * not permitted; in others a block of so many bytes ahead), urg (urgent pointer), offset (the header's length as it claims, in words of 4
 * bytes), reserved (the three bits), nop (so many in front of the options), cookie (Fast Open, bytes), vlan, fill (another number, other
 * payload), checksum (0: a bad one).
 */
export interface ConversationSegment {
  /** The line that sends it, from 1. */
  line: number;
  /** Nanoseconds since the conversation's start. */
  time: number;
  source: Place;
  destination: Place;
  /** 0 to 2^32 − 1. */
  seq: number;
  ack: number;
  flags: number;
  window: number;
  payload: number;
  /** The payload's bytes depend on their sequence number and on this. */
  fill: number;
  ttl: number;
  ipId: number;
  /** False: the TCP checksum is wrong. */
  checksumGood: boolean;
  /** -1 when the option is absent, as with the next three. */
  mss: number;
  windowScale: number;
  sackPermitted: boolean;
  /** Length in bytes of a SACK block that begins as many bytes beyond `ack`; 0: none. */
  sackBlock: number;
  /** NOPs in front of the other options. */
  leadingNops: number;
  urgentPointer: number;
  /** What the header says of its own length, in words of 4 bytes; -1: the truth. */
  dataOffset: number;
  /** The three reserved bits of the header as a number, 0 to 7. */
  reserved: number;
  timestamps: { value: number; echo: number } | null;
  fastOpenCookie: number;
  /** 0: untagged. */
  vlan: number;
  /** An ICMP error instead: the segment is the one it quotes, and `source` of the frame is `reporter`. */
  icmp: { type: number; code: number; reporter: Place; receiver: Place } | null;
}

export interface Place {
  address: string;
  port: number;
}

/** A parsed line. */
export type Statement =
  | { kind: 'host'; line: number; name: string; place: Place; settings: Settings }
  | { kind: 'repeat'; line: number; count: number; every: number | null; body: Statement[] }
  | { kind: 'send'; line: number; delay: number | null; captured: boolean; from: string; to: string; what: What };

export interface What {
  flags: number;
  payload: number;
  again: boolean;
  /** The capture holds the segment a second time: `again`, to the last bit. */
  copy: boolean;
  icmp: { type: number; code: number; about: string } | null;
  settings: Settings;
}

/** `key=value` of a line: a number, and whether it was written with a sign (relative). */
export type Settings = { [key: string]: { value: number; relative: boolean } };

const FLAGS: { [name: string]: number } = { FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, NONE: 0 };
const SEGMENT_SETTINGS = ['seq', 'ack', 'win', 'ttl', 'ipid', 'mss', 'ws', 'ts', 'echo', 'sack', 'urg', 'offset', 'reserved', 'nop', 'cookie', 'vlan', 'fill', 'checksum'];
const HOST_SETTINGS = ['ttl', 'mss', 'ws', 'ts', 'win', 'vlan'];
const MOST_ROUNDS = 100_000;

/** The segments of a conversation in order of time. Throws `ConversationError`. */
export function conversation(text: string): ConversationSegment[] {
  return play(parse(text));
}

/** The statements of a conversation. Throws `ConversationError`. */
export function parse(text: string): Statement[] {
  const parts: { line: number; text: string }[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/(^|\s)#.*$/, '');
    for (const part of line.replace(/([{}])/g, ';$1;').split(';')) {
      if (part.trim() !== '') parts.push({ line: index + 1, text: part.trim() });
    }
  }
  const top: Statement[] = [];
  const open: { body: Statement[]; line: number }[] = [{ body: top, line: 0 }];
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index];
    const block = open.at(-1);
    if (part === undefined || block === undefined) break;
    if (part.text === '}') {
      if (open.length === 1) throw new ConversationError(part.line, '"}" without "repeat … {"');
      open.pop();
    } else if (part.text.startsWith('repeat')) {
      const statement = parseRepeat(part.line, part.text);
      block.body.push(statement);
      open.push({ body: statement.body, line: part.line });
      index += 1;
      if (parts[index]?.text !== '{') throw new ConversationError(part.line, 'expected "{" after "repeat"');
    } else if (part.text === '{') {
      throw new ConversationError(part.line, '"{" without "repeat"');
    } else {
      block.body.push(part.text.includes('>') ? parseSend(part.line, part.text) : parseHost(part.line, part.text));
    }
  }
  const unclosed = open.at(-1);
  if (open.length > 1 && unclosed !== undefined) throw new ConversationError(unclosed.line, '"repeat" without "}"');
  return top;
}

function parseRepeat(line: number, text: string): Extract<Statement, { kind: 'repeat' }> {
  const match = /^repeat (\d+)(?: every (\d+(?:\.\d+)?))?$/.exec(text);
  if (match === null) throw new ConversationError(line, `expected "repeat N [every SECONDS] {", found "${text}"`);
  const count = Number(match[1]);
  if (count > MOST_ROUNDS) throw new ConversationError(line, `at most ${MOST_ROUNDS} rounds`);
  return { kind: 'repeat', line, count, every: match[2] === undefined ? null : Number(match[2]), body: [] };
}

function parseHost(line: number, text: string): Statement {
  const match = /^([A-Z][A-Za-z]*) = (\[[0-9a-f:.]+\]|[0-9.]+):(\d+)(.*)$/.exec(text);
  if (match === null) throw new ConversationError(line, `expected "A > B FLAGS" or "NAME = ADDRESS:PORT", found "${text}"`);
  const [, name = '', address = '', port = '', rest = ''] = match;
  const settings: Settings = {};
  for (const word of rest.split(/\s+/).filter(Boolean)) readSetting(line, word, HOST_SETTINGS, settings);
  return { kind: 'host', line, name, place: { address: address.replace(/[[\]]/g, ''), port: portOf(line, port) }, settings };
}

function parseSend(line: number, text: string): Statement {
  const match = /^(?:\+(\d+(?:\.\d+)?)\s+)?(~\s*)?(\S+)\s*>\s*(\S+)\s*(.*)$/.exec(text);
  if (match === null) throw new ConversationError(line, `expected "A > B FLAGS", found "${text}"`);
  const [, delay, lost, from = '', to = '', rest = ''] = match;
  for (const end of [from, to]) {
    if (!/^[A-Z][A-Za-z]*(#|\d+)?(:(#|\d+))?$/.test(end)) throw new ConversationError(line, `"${end}" is no name of an end`);
  }
  const what = parseWhat(line, rest.split(/\s+/).filter(Boolean));
  return { kind: 'send', line, delay: delay === undefined ? null : Number(delay), captured: lost === undefined, from, to, what };
}

function parseWhat(line: number, words: string[]): What {
  const what: What = { flags: 0, payload: 0, again: false, copy: false, icmp: null, settings: {} };
  if (words[0] === 'ICMP') {
    const match = /^(\d+)\/(\d+)$/.exec(words[1] ?? '');
    if (match === null || words.length !== 3) throw new ConversationError(line, 'expected "ICMP TYPE/CODE NAME"');
    const [type, code] = [Number(match[1]), Number(match[2])];
    if (type > 0xff || code > 0xff) throw new ConversationError(line, 'an ICMP type or code is at most 255');
    return { ...what, icmp: { type, code, about: words[2] ?? '' } };
  }
  let flagged = false;
  for (const word of words) {
    const flag = FLAGS[word];
    if (flag !== undefined) {
      what.flags |= flag;
      flagged = true;
    } else if (word === 'again') what.again = true;
    else if (word === 'copy') what.copy = true;
    else if (/^\d+$/.test(word)) what.payload = Number(word);
    else readSetting(line, word, SEGMENT_SETTINGS, what.settings);
  }
  if (!flagged) throw new ConversationError(line, `no flags; known are ${Object.keys(FLAGS).join(', ')}`);
  if (what.payload > 65_000) throw new ConversationError(line, 'at most 65000 bytes of payload');
  return what;
}

function readSetting(line: number, word: string, known: readonly string[], settings: Settings): void {
  const match = /^([a-z]+)=([+-]?)(\d+)$/.exec(word);
  const key = match?.[1] ?? '';
  if (match === null || !known.includes(key)) {
    throw new ConversationError(line, `"${word}" is not understood; settings are ${known.map((name) => `${name}=N`).join(', ')}`);
  }
  settings[key] = { value: Number(match[3]) * (match[2] === '-' ? -1 : 1), relative: match[2] !== '' };
}

function portOf(line: number, text: string): number {
  const port = Number(text);
  if (port > 65_535) throw new ConversationError(line, `port ${text} is beyond 65535`);
  return port;
}
