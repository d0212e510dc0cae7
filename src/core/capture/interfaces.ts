import type { CaptureClock } from './clock.ts';

const BILLION = 1_000_000_000n;
const TWO_TO_32 = 4_294_967_296;
/** Epoch times are clamped to signed 64-bit nanoseconds (years 1677 to 2262): no real clock is outside. */
const EARLIEST = -(2n ** 63n);
const LATEST = 2n ** 63n - 1n;

/** An interface of a pcapng section: its link type, and how its timestamps are to be read. */
export class CaptureInterface {
  readonly link: number;
  readonly snaplen: number;
  /** Index over all sections and files. */
  readonly index: number;
  /** Drops according to the interface's last statistics block, -1 if unknown. */
  interfaceDrops = -1;
  kernelDrops = -1;
  private readonly ticksPerSecond: bigint;
  private readonly offsetSeconds: bigint;
  /** Nanoseconds per tick, 0 when that is not a whole number. */
  private readonly nanosecondsPerTick: number;
  /* A timestamp that has been converted already: others follow from it by a plain subtraction. */
  private referenceKnown = false;
  private referenceHigh = 0;
  private referenceLow = 0;
  private referenceTime = 0;

  constructor(link: number, snaplen: number, index: number, ticksPerSecond: bigint, offsetSeconds: bigint) {
    this.link = link;
    this.snaplen = snaplen;
    this.index = index;
    this.ticksPerSecond = ticksPerSecond;
    this.offsetSeconds = offsetSeconds;
    this.nanosecondsPerTick = BILLION % ticksPerSecond === 0n ? Number(BILLION / ticksPerSecond) : 0;
  }

  /** Nanoseconds since `clock.base`, which is set here if it is not yet. `high` and `low` are the two words of the timestamp. */
  time(high: number, low: number, clock: CaptureClock): number {
    if (this.referenceKnown && this.nanosecondsPerTick !== 0) {
      const elapsed = ((high - this.referenceHigh) * TWO_TO_32 + (low - this.referenceLow)) * this.nanosecondsPerTick;
      if (elapsed <= Number.MAX_SAFE_INTEGER && elapsed >= Number.MIN_SAFE_INTEGER) {
        return this.referenceTime + elapsed;
      }
    }
    const stated = this.epoch(high, low);
    const epoch = stated < EARLIEST ? EARLIEST : stated > LATEST ? LATEST : stated;
    clock.base ??= epoch;
    const time = Number(epoch - clock.base);
    if (epoch === stated) {
      this.referenceKnown = true;
      this.referenceHigh = high;
      this.referenceLow = low;
      this.referenceTime = time;
    }
    return time;
  }

  /** Fractions of a nanosecond are dropped. */
  private epoch(high: number, low: number): bigint {
    const ticks = (BigInt(high) << 32n) | BigInt(low);
    return (ticks * BILLION) / this.ticksPerSecond + this.offsetSeconds * BILLION;
  }
}

/** Ticks per second of an if_tsresol byte: a power of ten or, with the top bit set, of two. */
export function ticksPerSecond(resolution: number): bigint {
  return (resolution & 0x80) !== 0 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);
}
