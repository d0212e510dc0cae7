/** @typedef {import('./labels-gather.js').Packet} Packet */

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;

/**
 * What the numbers of packets show by themselves, reckoned from all packets of the capture so far and from nothing that either tool says. Plain,
 * not fast.
 */
export class Evidence {
  /** By stream and sender. @type {Map<string, Packet[]>} */
  #sent = new Map();

  /**
   * @param {Packet} packet in the order of the capture
   * @returns {string} a phrase
   */
  of(packet) {
    const own = this.#of(packet.stream, packet.from);
    const others = this.#of(packet.stream, packet.to);
    const phrase = this.#phrase(packet, own, others);
    own.push(packet);
    return phrase;
  }

  /**
   * @param {string} stream
   * @param {string} end
   */
  #of(stream, end) {
    const key = `${stream} ${end}`;
    const sent = this.#sent.get(key) ?? [];
    this.#sent.set(key, sent);
    return sent;
  }

  /**
   * @param {Packet} packet
   * @param {Packet[]} own
   * @param {Packet[]} others
   */
  #phrase(packet, own, others) {
    const { flags } = packet;
    if (own.some((earlier) => isCopy(earlier, packet))) return 'the same frame was captured before: same header, IP-ID included';
    if ((flags & RST) !== 0) return 'a RST';
    if ((flags & SYN) !== 0) return own.some((earlier) => (earlier.flags & SYN) !== 0 && earlier.seq === packet.seq) ? 'the same SYN was captured before' : 'a SYN of a new number';
    if (own.length === 0) return 'the first packet of its sender';
    const highest = own.map(after).reduce(furthest);
    if (own.some(({ length, shown }) => length !== shown)) return 'the capture holds only the beginnings of its sender\'s segments';
    if (others.some(({ length, shown }) => length !== shown)) return 'the capture holds only the beginnings of its peer\'s segments';
    const takes = packet.length + ((flags & FIN) !== 0 ? 1 : 0);
    if (takes > 0 && ahead(after(packet), highest) <= 0) return this.#below(packet, own, others);
    if (takes > 0 && ahead(packet.seq, highest) < 0) return 'its first bytes were captured before, its last were not';
    if (ahead(packet.seq, highest) > 0) return 'begins beyond all that was captured of its sender';
    if (takes > 0) return 'new bytes, in order';
    return this.#pure(packet, own, others, highest);
  }

  /**
   * A segment of which nothing is new.
   * @param {Packet} packet
   * @param {Packet[]} own
   * @param {Packet[]} others
   */
  #below(packet, own, others) {
    const covered = bytesOf(packet).every((byte) => own.some((earlier) => holds(earlier, byte)));
    if (covered) {
      const acknowledged = others.some((other) => (other.flags & ACK) !== 0 && ahead(other.ack, after(packet)) >= 0);
      if (packet.length === 1 && acknowledged) return 'one byte that was acknowledged before';
      return acknowledged ? 'all its bytes were captured, and acknowledged, before' : 'all its bytes were captured before';
    }
    const later = own.find((earlier) => ahead(earlier.seq, packet.seq) > 0);
    if (later === undefined) return 'bytes of a gap';
    if (packet.tsval !== null && later.tsval !== null && packet.tsval !== later.tsval) {
      return `bytes of a gap, stamped ${ahead(packet.tsval, later.tsval) > 0 ? 'later' : 'earlier'} than those behind it`;
    }
    const order = packet.ipId !== 0 && later.ipId !== 0 ? ((packet.ipId - later.ipId) << 16) >> 16 : 0;
    const told = order === 0 ? '' : `, IP-ID ${order > 0 ? 'above' : 'below'} theirs`;
    return `bytes of a gap${told}, ${packet.time - later.time < 0.003 ? 'within 3 ms' : 'later than 3 ms'}`;
  }

  /**
   * A segment that takes no sequence number.
   * @param {Packet} packet
   * @param {Packet[]} own
   * @param {Packet[]} others
   * @param {number} highest
   */
  #pure(packet, own, others, highest) {
    const below = ahead(packet.seq, highest);
    const closed = others.at(-1)?.window === 0;
    if (below === -1) return `empty, at SND.NXT - 1, towards ${closed ? 'a closed' : 'an open'} window`;
    const former = own.filter((earlier) => (earlier.flags & (SYN | RST)) === 0).at(-1);
    const acknowledged = others.length === 0 ? 0 : ahead(packet.ack, others.map(after).reduce(furthest));
    if (acknowledged > 0) return 'acknowledges more than was captured';
    const most = own.filter((earlier) => (earlier.flags & ACK) !== 0).map(({ ack }) => ack);
    const gain = former === undefined ? 1 : ahead(packet.ack, most.reduce(furthest));
    if (former === undefined || gain > 0) return 'acknowledges more than before';
    if (gain < 0) return 'acknowledges less than before';
    const window = former.window === packet.window ? 'the same window' : 'another window';
    const last = others.at(-1);
    const probe = last !== undefined && last.length <= 1 && (last.flags & (SYN | FIN)) === 0 && ahead(last.seq, packet.ack) < 0 ? ', after a probe' : '';
    return `the same ACK, ${window}, ${acknowledged < 0 ? 'data outstanding' : 'nothing outstanding'}${below < 0 ? ', below SND.NXT' : ''}${probe}`;
  }
}

/** How far one number is ahead of another, modulo 2^32. @param {number} one @param {number} other */
function ahead(one, other) {
  return (one - other) | 0;
}

/** @param {number} one @param {number} other */
function furthest(one, other) {
  return ahead(one, other) > 0 ? one : other;
}

/** @param {Packet} packet */
function after({ seq, length, flags }) {
  return (seq + length + ((flags & (SYN | FIN)) !== 0 ? 1 : 0)) >>> 0;
}

/** First and last byte of a segment, and those between at steps, so that a gap of a segment is seen. @param {Packet} packet */
function bytesOf(packet) {
  const takes = ahead(after(packet), packet.seq);
  return Array.from({ length: Math.min(takes, 64) }, (_, at) => (packet.seq + Math.floor((at * (takes - 1)) / Math.max(1, Math.min(takes, 64) - 1))) >>> 0);
}

/** @param {Packet} packet @param {number} byte */
function holds(packet, byte) {
  return ahead(byte, packet.seq) >= 0 && ahead(after(packet), byte) > 0;
}

/** @param {Packet} one @param {Packet} other */
function isCopy(one, other) {
  const same = one.seq === other.seq && one.ack === other.ack && one.length === other.length && one.flags === other.flags && one.window === other.window && one.tsval === other.tsval;
  return same && one.ipId === other.ipId && other.time - one.time < (one.ipId === 0 ? 0.002 : 0.05);
}
