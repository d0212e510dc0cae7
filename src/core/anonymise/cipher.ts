/** Bytes of a block of AES. */
export const BLOCK = 16;

/** AES-128 under one key. The platform brings it: the core has no cryptography of its own. */
export interface BlockCipher {
  /** Encrypts whole blocks of 16 bytes, each on its own, into fresh memory. */
  encrypt(blocks: Uint8Array): Uint8Array;
}

/** Makes the cipher of a key of 16 bytes. */
export type CipherOf = (key: Uint8Array) => BlockCipher;

/** Bytes of the key that anonymising needs: a key of AES-128, then as many bytes from which Crypto-PAn's padding is made. */
export const KEY_LENGTH = 2 * BLOCK;

/** Results remembered, of each kind; beyond it all are forgotten, and worked out again. */
const MOST_REMEMBERED = 1 << 16;

/** What was worked out for some bytes: ciphers are slow. */
export class Remembered {
  readonly #known = new Map<string, Uint8Array>();

  /** The result for `bytes[from, to)`; `make` works it out. */
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

/** A cipher for one more purpose, from the same key: no block of one purpose is ever seen by another. */
export function cipherFor(purpose: string, main: BlockCipher, cipherOf: CipherOf): BlockCipher {
  const block = new Uint8Array(BLOCK);
  for (let at = 0; at < Math.min(BLOCK, purpose.length); at++) block[at] = purpose.charCodeAt(at);
  return cipherOf(main.encrypt(block));
}
