import { Record } from '../capture/record.ts';
import { AddressMap, MacMap } from './address-map.ts';
import { BLOCK, cipherFor, type CipherOf, KEY_LENGTH } from './cipher.ts';
import { FrameWalk } from './frame-walk.ts';
import type { FragmentPart } from './layers.ts';
import { type KeptChecksums, overwrite, type Replacements, restoreChecksums } from './overwrite.ts';
import { StreamMask } from './stream-mask.ts';

/** Most bytes of frames that are held back for a fragment that waits for the rest of its datagram. */
const MOST_HELD = 64 * 1024 * 1024;
const FRAGMENT_BYTES = 64 * 1024 * 1024;

/** Takes a frame and its time in nanoseconds since the epoch. The record is lent. */
export type FrameSink = (frame: Record, time: bigint) => void;

/** A frame that waits: for the rest of its own datagram, or for a frame before it. */
interface Held {
  frame: Record;
  time: bigint;
  part: FragmentPart | null;
  checksums: KeptChecksums;
  isReady: boolean;
}

/**
 * Replaces what identifies a network in the frames of TCP connections and of ICMP errors about them: IP addresses (preserving prefixes),
 * MAC addresses, payload, unknown options. VLANs, ports, sequence numbers, lengths and times stay. Frames come out in the order in which
 * they came. Fragments are joined and split again, so some frames have to wait.
 */
export class Anonymiser {
  /** Frames that cannot be anonymised, and are dropped. */
  leftOut = 0;
  readonly #next: FrameSink;
  readonly #walk = new FrameWalk(FRAGMENT_BYTES);
  readonly #replacements: Replacements;
  readonly #waiting: Held[] = [];
  #heldBytes = 0;

  /** @param key `KEY_LENGTH` bytes, or it throws `RangeError`; the same key gives the same addresses */
  constructor(key: Uint8Array, cipherOf: CipherOf, next: FrameSink) {
    if (key.length !== KEY_LENGTH) throw new RangeError(`a key of ${key.length} bytes: it must have ${KEY_LENGTH}`);
    const main = cipherOf(key.slice(0, BLOCK));
    this.#replacements = {
      addresses: new AddressMap(main, key.slice(BLOCK)),
      macs: new MacMap(cipherFor('synoptic hw-addr', main, cipherOf)),
      stream: new StreamMask(cipherFor('synoptic payload', main, cipherOf)),
    };
    this.#next = next;
  }

  add(record: Record, time: bigint): void {
    const frame = copyOf(record);
    const walk = this.#walk;
    if (!walk.walk(frame)) {
      this.leftOut++;
      return;
    }
    const checksums = overwrite(walk, this.#replacements);
    const shortened = walk.start - frame.start;
    frame.start = walk.start;
    frame.wireLength -= shortened;
    frame.link = walk.link;
    const { part } = walk;
    if (part === null) restoreChecksums(checksums, frame.bytes, this.#replacements);
    if (part === null && this.#waiting.length === 0) {
      this.#next(frame, time);
      return;
    }
    this.#waiting.push({ frame, time, part, checksums, isReady: part === null });
    this.#heldBytes += frame.bytes.length;
    if (walk.joinedFrames !== null && walk.joined !== null) {
      restoreChecksums(checksums, walk.joined, this.#replacements);
      this.#takeApart(walk.joinedFrames, walk.joined);
    }
    this.#give(false);
  }

  /** No more frames come: hands on those that wait, except fragments whose datagram is incomplete. */
  finish(): void {
    this.#give(true);
  }

  /** Puts a joined datagram, which has been overwritten, back into the frames that it came in. */
  #takeApart(numbers: readonly number[], joined: Uint8Array): void {
    const parts = new Set(numbers);
    for (const held of this.#waiting) {
      const { part, frame } = held;
      if (part === null || held.isReady || !parts.has(frame.number)) continue;
      frame.bytes.set(joined.subarray(part.offset, part.offset + part.end - part.at), part.at);
      restoreChecksums(held.checksums, frame.bytes, this.#replacements);
      held.isReady = true;
    }
  }

  #give(isLast: boolean): void {
    let given = 0;
    for (const held of this.#waiting) {
      if (!held.isReady && !isLast && this.#heldBytes <= MOST_HELD) break;
      given++;
      this.#heldBytes -= held.frame.bytes.length;
      if (held.isReady) this.#next(held.frame, held.time);
      else this.leftOut++;
    }
    if (given > 0) this.#waiting.splice(0, given);
  }
}

function copyOf(record: Record): Record {
  const copy = new Record();
  const length = record.end - record.start;
  copy.bytes = record.bytes.slice(record.start, record.end);
  copy.view = new DataView(copy.bytes.buffer);
  copy.end = length;
  copy.wireLength = record.wireLength;
  copy.link = record.link;
  copy.interface = record.interface;
  copy.number = record.number;
  copy.time = record.time;
  return copy;
}
