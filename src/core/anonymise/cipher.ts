/** Bytes of a block of AES. */
export const BLOCK = 16;

/** AES-128 with one key. The platform provides it: the core has no cryptography of its own. */
export interface BlockCipher {
  /** Encrypts whole blocks of 16 bytes, each on its own, into fresh memory. */
  encrypt(blocks: Uint8Array): Uint8Array;
}

/** Makes a cipher from a key of 16 bytes. */
export type CipherOf = (key: Uint8Array) => BlockCipher;

/** Length of the key for anonymising, in bytes: an AES-128 key, then as many bytes for the padding of Crypto-PAn. */
export const KEY_LENGTH = 2 * BLOCK;

/** Most results remembered. Beyond that, all are forgotten. */
const MOST_REMEMBERED = 1 << 16;

/** Remembers results by their input bytes, since ciphers are slow. */
export class Remembered {
  readonly #known = new Map<string, Uint8Array>();

  /** The result for `bytes[from, to)`, computed by `make` if it is new. */
  of(bytes: Uint8Array, from: number, to: number, make: () => Uint8Array): Uint8Array {
    let key = '';
    for (let at = from; at < to; at++) key += String.fromCharCode(bytes[at]);
    let result = this.#known.get(key);
    if (result === undefined) {
      if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
      result = make();
      this.#known.set(key, result);
    }
    return result;
  }
}

/** An independent cipher for another purpose, derived from the same key. */
export function cipherFor(purpose: string, main: BlockCipher, cipherOf: CipherOf): BlockCipher {
  const block = new Uint8Array(BLOCK);
  for (let at = 0; at < Math.min(BLOCK, purpose.length); at++) block[at] = purpose.charCodeAt(at);
  return cipherOf(main.encrypt(block));
}
