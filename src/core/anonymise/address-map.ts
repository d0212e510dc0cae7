import { BLOCK, type BlockCipher, Remembered } from './cipher.ts';

/**
 * Replaces addresses so that prefixes are preserved, by the Crypto-PAn scheme (Xu, Fan, Ammar, Moon: "Prefix-preserving IP address
 * anonymization", 2002): two addresses with exactly their first n bits in common still have those in common. The mapping is one to one.
 * For IPv4 it is that of other programs that use the scheme with the same key.
 */
export class AddressMap {
  readonly #cipher: BlockCipher;
  readonly #pad: Uint8Array;
  readonly #known = new Remembered();

  /** @param pad the second half of the key */
  constructor(cipher: BlockCipher, pad: Uint8Array) {
    this.#cipher = cipher;
    this.#pad = cipher.encrypt(pad);
  }

  /** Replaces the address of `length` bytes (4 or 16) at `at`. */
  replace(bytes: Uint8Array, at: number, length: number): void {
    bytes.set(this.#known.of(bytes, at, at + length, () => this.#image(bytes.slice(at, at + length))), at);
  }

  /** Whether a bit is flipped depends on the bits before it only, by way of the cipher. */
  #image(address: Uint8Array): Uint8Array {
    const bits = address.length * 8;
    const blocks = new Uint8Array(bits * BLOCK);
    for (let bit = 0; bit < bits; bit++) {
      const block = blocks.subarray(bit * BLOCK, (bit + 1) * BLOCK);
      block.set(this.#pad);
      const whole = bit >> 3;
      block.set(address.subarray(0, whole));
      const mask = (0xff00 >> (bit & 7)) & 0xff;
      block[whole] = (address[whole] & mask) | (this.#pad[whole] & ~mask);
    }
    const encrypted = this.#cipher.encrypt(blocks);
    const image = Uint8Array.from(address);
    for (let bit = 0; bit < bits; bit++) {
      const turned = encrypted[bit * BLOCK] >>> 7;
      image[bit >> 3] ^= turned << (7 - (bit & 7));
    }
    return image;
  }
}

const MAC_LENGTH = 6;
const GROUP = 0x01;
const LOCALLY_ADMINISTERED = 0x02;

/** Replaces MAC addresses, each always by the same one, marked as locally administered. Broadcast and all zeros stay. */
export class MacMap {
  readonly #cipher: BlockCipher;
  readonly #known = new Remembered();

  constructor(cipher: BlockCipher) {
    this.#cipher = cipher;
  }

  /** Replaces the address at `at`. */
  replace(bytes: Uint8Array, at: number): void {
    bytes.set(this.#known.of(bytes, at, at + MAC_LENGTH, () => this.#image(bytes.slice(at, at + MAC_LENGTH))), at);
  }

  #image(mac: Uint8Array): Uint8Array {
    if (mac.every((byte) => byte === 0xff) || mac.every((byte) => byte === 0)) return mac;
    const block = new Uint8Array(BLOCK);
    block.set(mac);
    const image = this.#cipher.encrypt(block).slice(0, MAC_LENGTH);
    image[0] = (image[0] & ~GROUP) | LOCALLY_ADMINISTERED | (mac[0] & GROUP);
    return image;
  }
}
