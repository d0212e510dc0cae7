import { createCipheriv, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Anonymiser, type BlockCipher, type FrameSink, KEY_LENGTH } from '../../core/index.ts';
import { InputError, openingError } from '../sources/input-error.ts';
import type { FrameFilter } from './slice.ts';

/** Makes the filter that anonymises a slice, and knows afterwards how many frames were left out. */
export interface Anonymising {
  filter: (next: FrameSink) => FrameFilter;
  leftOut: () => number;
}

/** Anonymising with a key of `KEY_LENGTH` bytes. */
export function anonymisingWith(key: Uint8Array): Anonymising {
  let anonymiser: Anonymiser | null = null;
  return {
    filter: (next) => {
      const made = new Anonymiser(key, aes128, next);
      anonymiser = made;
      return { add: (frame, time) => made.add(frame, time), finish: () => made.finish() };
    },
    leftOut: () => anonymiser?.leftOut ?? 0,
  };
}

/** A random key, for slices whose addresses need not be the same as those of others. */
export function randomKey(): Uint8Array {
  return randomBytes(KEY_LENGTH);
}

/** Reads a key file: 32 raw bytes, or 64 hexadecimal digits. Throws `InputError`. */
export function readKey(path: string): Uint8Array {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    throw openingError(path, error);
  }
  if (content.length === KEY_LENGTH) return content;
  const digits = content.toString('latin1').trim();
  if (/^[0-9a-fA-F]{64}$/.test(digits)) return Buffer.from(digits, 'hex');
  throw new InputError(`${path}: is no key of ${KEY_LENGTH} bytes or ${KEY_LENGTH * 2} hexadecimal digits; make one: head -c ${KEY_LENGTH} /dev/urandom > ${path}`);
}

/** AES-128 of Node.js. */
export function aes128(key: Uint8Array): BlockCipher {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return { encrypt: (blocks) => cipher.update(blocks) };
}
