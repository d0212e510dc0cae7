import type { ConversationSegment } from './conversation.ts';
import { ConversationError } from './errors.ts';

/** The largest number that each setting's field holds; `mss`, `ws`, `cookie` and `offset` may be below 0: then there is none. */
const LARGEST: readonly [setting: string, field: keyof ConversationSegment, most: number, least: number][] = [
  ['win', 'window', 0xffff, 0],
  ['ttl', 'ttl', 0xff, 0],
  ['ipid', 'ipId', 0xffff, 0],
  ['mss', 'mss', 0xffff, -Infinity],
  ['ws', 'windowScale', 0xff, -Infinity],
  ['sack', 'sackBlock', 0x3fff_ffff, 0],
  ['urg', 'urgentPointer', 0xffff, 0],
  ['offset', 'dataOffset', 0xf, -Infinity],
  ['reserved', 'reserved', 7, 0],
  // All options together have 40 bytes; `examples/conversation-capture.ts` looks at their sum.
  ['nop', 'leadingNops', 40, 0],
  ['cookie', 'fastOpenCookie', 38, -Infinity],
  ['vlan', 'vlan', 0xfff, 0],
  ['fill', 'fill', 0xff, 0],
];

/** Throws `ConversationError` for a segment that no packet can hold. */
export function checkSegment(segment: ConversationSegment): void {
  for (const [setting, field, most, least] of LARGEST) {
    const value = Number(segment[field]);
    if (value > most || value < least) throw new ConversationError(segment.line, `${setting}=${value} does not fit: at most ${most}${least === 0 ? ', and not below 0' : ''}`);
  }
}
