import { ticksPerSecond } from './interfaces.ts';

/* Option codes (draft-ietf-opsawg-pcapng §4.2, §4.6). */
const END_OF_OPTIONS = 0;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;
const ISB_IFDROP = 5;
const ISB_OSDROP = 7;

const MICROSECONDS = 6;

/** Ticks per second of an interface, and the seconds to add to each of its times. The options are `view[start, end)`. */
export function readInterfaceOptions(
  view: DataView, start: number, end: number, littleEndian: boolean,
): { ticksPerSecond: bigint; offsetSeconds: bigint } {
  const resolution = findOption(view, start, end, littleEndian, IF_TSRESOL, 1);
  const offset = findOption(view, start, end, littleEndian, IF_TSOFFSET, 8);
  return {
    ticksPerSecond: ticksPerSecond(resolution === -1 ? MICROSECONDS : view.getUint8(resolution)),
    offsetSeconds: offset === -1 ? 0n : view.getBigInt64(offset, littleEndian),
  };
}

/** Drop counters of a statistics block, -1 if it has none. */
export function readStatisticsOptions(
  view: DataView, start: number, end: number, littleEndian: boolean,
): { interfaceDrops: number; kernelDrops: number } {
  const ifdrop = findOption(view, start, end, littleEndian, ISB_IFDROP, 8);
  const osdrop = findOption(view, start, end, littleEndian, ISB_OSDROP, 8);
  return {
    interfaceDrops: ifdrop === -1 ? -1 : Number(view.getBigUint64(ifdrop, littleEndian)),
    kernelDrops: osdrop === -1 ? -1 : Number(view.getBigUint64(osdrop, littleEndian)),
  };
}

/** Position of the value of the first option with this code and length; -1 if the list ends, or turns out malformed, before one. */
function findOption(view: DataView, start: number, end: number, littleEndian: boolean, code: number, length: number): number {
  let position = start;
  while (position + 4 <= end) {
    const foundCode = view.getUint16(position, littleEndian);
    const foundLength = view.getUint16(position + 2, littleEndian);
    const value = position + 4;
    if (foundCode === END_OF_OPTIONS || value + foundLength > end) {
      return -1;
    }
    if (foundCode === code && foundLength === length) {
      return value;
    }
    position = value + foundLength + (-foundLength & 3);
  }
  return -1;
}
