const FIRST_SLOTS = 64;
/** Entries with numbers of their own. Later ones share `SHARED` numbers, and a number names its latest user: see `docs/limits.md`. */
const MOST_OWN = 1 << 21;
const SHARED = 1 << 20;

/**
 * Numbers endpoints (address and port) or hosts (port −1) in order of appearance, for whoever counts by server or by host. A hash table
 * with open addressing. Entries stay, except those made during a snapshot, so only ends that a rule or the report asks for get one.
 */
export class EndpointIndex {
  /** Address words 0–3 and port of each entry. */
  private words = new Int32Array(FIRST_SLOTS * 5);
  private slots = new Int32Array(FIRST_SLOTS * 2).fill(-1);
  /** Entries with numbers of their own. */
  size = 0;
  private readonly mostOwn: number;

  constructor(mostOwn = MOST_OWN) {
    this.mostOwn = mostOwn;
  }

  /** The number of an endpoint, which is added if it is new. */
  indexOf(word0: number, word1: number, word2: number, word3: number, port: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(word0, word1, word2, word3, port) & mask;
    for (;;) {
      const index = this.slots[slot];
      if (index < 0) break;
      const at = index * 5;
      const words = this.words;
      if (words[at + 3] === word3 && words[at + 4] === port && words[at] === word0 && words[at + 1] === word1 && words[at + 2] === word2) return index;
      slot = (slot + 1) & mask;
    }
    if (this.size >= this.mostOwn) return this.share(word0, word1, word2, word3, port);
    if (this.size * 5 === this.words.length) this.grow();
    const index = this.size++;
    this.words.set([word0, word1, word2, word3, port], index * 5);
    this.insert(index);
    return index;
  }

  /** Address word 0 to 3, or the port (4), of an entry. */
  word(index: number, which: number): number {
    return this.words[index * 5 + which];
  }

  /** Forgets all but the first `size` entries. */
  truncate(size: number): void {
    const mask = this.slots.length - 1;
    // Latest first: an entry can only have displaced later ones.
    while (this.size > size) {
      const index = --this.size;
      let slot = this.hashOf(index) & mask;
      while (this.slots[slot] !== index) slot = (slot + 1) & mask;
      this.slots[slot] = -1;
    }
  }

  /** The number of an entry when there are no more numbers of its own. */
  private share(word0: number, word1: number, word2: number, word3: number, port: number): number {
    if (this.words.length < (this.mostOwn + SHARED) * 5) {
      const words = new Int32Array((this.mostOwn + SHARED) * 5);
      words.set(this.words.subarray(0, this.size * 5));
      this.words = words;
    }
    const index = this.mostOwn + (hash(word0, word1, word2, word3, port) & (SHARED - 1));
    this.words.set([word0, word1, word2, word3, port], index * 5);
    return index;
  }

  private hashOf(index: number): number {
    const words = this.words;
    const at = index * 5;
    return hash(words[at], words[at + 1], words[at + 2], words[at + 3], words[at + 4]);
  }

  private insert(index: number): void {
    const mask = this.slots.length - 1;
    let slot = this.hashOf(index) & mask;
    while (this.slots[slot] >= 0) slot = (slot + 1) & mask;
    this.slots[slot] = index;
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    this.slots = new Int32Array(this.slots.length * 2).fill(-1);
    for (let index = 0; index < this.size; index++) this.insert(index);
  }
}

function hash(word0: number, word1: number, word2: number, word3: number, port: number): number {
  let value = Math.imul(word3 ^ port, 0x9e3779b1);
  value = Math.imul((value ^ (value >>> 15)) + word2 + Math.imul(word1, 31), 0x85ebca77);
  value = Math.imul((value ^ (value >>> 13)) + word0 + port, 0xc2b2ae3d);
  return value ^ (value >>> 16);
}
