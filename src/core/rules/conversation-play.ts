import { ACK, FIN, RST, SYN } from '../wire/segment.ts';
import type { ConversationSegment, Place, Settings, Statement, What } from './conversation.ts';
import { checkSegment } from './conversation-limits.ts';
import { ConversationError } from './errors.ts';

const STEP = 1_000_000;
const SECOND = 1e9;
const MOST_SEGMENTS = 1_000_000;

/** One end of one connection: what it sends next, and what it last sent. */
interface End {
  next: number;
  tsEcho: number;
  sent: ConversationSegment[];
  incarnations: number;
}

interface Host {
  place: Place;
  settings: Settings;
}

/** Plays a conversation: fills in the numbers that each end would use, and puts the segments in order of time. */
export function play(statements: readonly Statement[]): ConversationSegment[] {
  const player = new Player();
  player.run(statements, 0, 0);
  // Rounds of a repeat may overlap; the sort is stable.
  return player.segments.sort((one, other) => one.time - other.time);
}

class Player {
  readonly segments: ConversationSegment[] = [];
  readonly #hosts = new Map<string, Host>();
  readonly #ends = new Map<string, End>();
  readonly #ipIds = new Map<string, number>();
  #sent = 0;

  /** Plays statements from `start` on, `#` standing for `round`. Returns the time at which a next line would follow. */
  run(statements: readonly Statement[], start: number, round: number): number {
    let last = start;
    let next = start;
    for (const statement of statements) {
      if (statement.kind === 'host') {
        this.#hosts.set(statement.name, { place: statement.place, settings: statement.settings });
      } else if (statement.kind === 'send') {
        last = statement.delay === null ? next : last + Math.round(statement.delay * SECOND);
        this.#send(statement, last, round);
        next = last + STEP;
      } else {
        const begin = next;
        for (let index = 0; index < statement.count; index += 1) {
          const from = statement.every === null ? next : begin + Math.round(index * statement.every * SECOND);
          next = Math.max(next, this.run(statement.body, from, index + 1));
        }
        last = next;
      }
    }
    return next;
  }

  #send(statement: Extract<Statement, { kind: 'send' }>, time: number, round: number): void {
    this.#sent += 1;
    if (this.#sent > MOST_SEGMENTS) throw new ConversationError(statement.line, `more than ${MOST_SEGMENTS} segments`);
    const from = this.#host(statement.from, round);
    const to = this.#host(statement.to, round);
    const { what } = statement;
    const segment =
      what.icmp === null
        ? this.#segment(statement.line, from, to, what, time)
        : this.#icmp(statement.line, from, to, this.#host(what.icmp.about, round), what.icmp, time);
    checkSegment(segment);
    if (statement.captured) this.segments.push(segment);
  }

  #segment(line: number, from: Host, to: Host, what: What, time: number): ConversationSegment {
    const sender = this.#end(from.place, to.place);
    const receiver = this.#end(to.place, from.place);
    const ipId = this.#nextIpId(from.place.address);
    if (what.again || what.copy) {
      const earlier = sender.sent.filter(({ flags, payload }) => flags === what.flags && payload === what.payload).at(-1);
      if (earlier === undefined) throw new ConversationError(line, 'nothing like it was sent before, so not "again"');
      if (what.copy) return override({ ...earlier, line, time }, what.settings);
      const timestamps = earlier.timestamps === null ? null : { value: timestampOf(time), echo: earlier.timestamps.echo };
      return override({ ...earlier, line, time, ipId, timestamps }, what.settings);
    }
    const isSyn = (what.flags & SYN) !== 0;
    const isReset = (what.flags & RST) !== 0;
    if (isSyn && (what.flags & (FIN | RST)) === 0) {
      // A later incarnation's number is ahead of the one before, as the clock of RFC 9293 §3.4.1 makes it.
      sender.next = (isServer(from) ? 5_000 : 1_000) + sender.incarnations * 10_000_000;
      sender.incarnations += 1;
    }
    const options = { ...from.settings, ...what.settings };
    const bare = (options['ts']?.value ?? 1) === 0 || isReset;
    const { ts } = options;
    const ticks = ts?.relative ? ts.value : 0;
    const segment = override(
      {
        line,
        time,
        source: from.place,
        destination: to.place,
        seq: sender.next,
        ack: (what.flags & ACK) !== 0 ? receiver.next : 0,
        flags: what.flags,
        window: isReset ? 0 : isSyn ? 64_240 : 502,
        payload: what.payload,
        fill: 0,
        checksumGood: true,
        ttl: 64,
        ipId,
        mss: isSyn ? 1_460 : -1,
        windowScale: isSyn ? 7 : -1,
        sackPermitted: isSyn && options['sack']?.value !== 0,
        sackBlock: isSyn ? 0 : (options['sack']?.value ?? 0),
        leadingNops: options['nop']?.value ?? 0,
        urgentPointer: options['urg']?.value ?? 0,
        dataOffset: options['offset']?.value ?? -1,
        reserved: options['reserved']?.value ?? 0,
        timestamps: bare ? null : { value: timestampOf(time) + ticks, echo: sender.tsEcho + (options['echo']?.value ?? 0) },
        fastOpenCookie: -1,
        vlan: 0,
        icmp: null,
      },
      options,
    );
    // Segments whose numbers are forced (an attacker's, a bug's) do not move what the end would send next.
    if (what.settings['seq'] === undefined || isSyn) {
      sender.next = segment.seq + segment.payload + (isSyn ? 1 : 0) + ((what.flags & FIN) !== 0 ? 1 : 0);
    }
    if (segment.timestamps !== null) receiver.tsEcho = segment.timestamps.value;
    sender.sent.push(segment);
    return segment;
  }

  #icmp(line: number, reporter: Host, to: Host, about: Host, icmp: { type: number; code: number }, time: number): ConversationSegment {
    const quoted = this.#end(to.place, about.place).sent.at(-1);
    if (quoted === undefined) throw new ConversationError(line, 'the ICMP error quotes a segment that was never sent');
    const { type, code } = icmp;
    return { ...quoted, line, time, ttl: 64, ipId: this.#nextIpId(reporter.place.address), icmp: { type, code, reporter: reporter.place, receiver: to.place } };
  }

  #end(from: Place, to: Place): End {
    const key = `${from.address} ${from.port} ${to.address} ${to.port}`;
    let end = this.#ends.get(key);
    if (end === undefined) {
      // An end that begins in mid-connection has numbers, too.
      end = { next: from.port < 32_768 ? 5_001 : 1_001, tsEcho: 0, sent: [], incarnations: 0 };
      this.#ends.set(key, end);
    }
    return end;
  }

  #nextIpId(address: string): number {
    const id = this.#ipIds.get(address) ?? 1;
    this.#ipIds.set(address, (id + 1) & 0xffff);
    return id;
  }

  /** Resolves `S`, `C3`, `C#`, `S:8080`, `C:#` in the given round. */
  #host(word: string, round: number): Host {
    const [label = '', portWord] = word.replaceAll('#', String(round)).split(':');
    const name = label.replace(/\d+$/, '');
    const number = label.length > name.length ? Number(label.slice(name.length)) : 0;
    const base = this.#hosts.get(name) ?? { place: defaultPlace(name), settings: {} };
    const place = { ...base.place };
    if (number > 0) place.address = numbered(base.place.address, name, number);
    if (portWord !== undefined) place.port = word.includes(':#') ? (base.place.port + Number(portWord)) & 0xffff : Number(portWord) & 0xffff;
    return { place, settings: base.settings };
  }
}

/** Sets what the line forces; seq and ack may be relative to their natural value. */
function override(segment: ConversationSegment, settings: Settings): ConversationSegment {
  const number = (key: string, natural: number): number => {
    const setting = settings[key];
    return setting === undefined ? natural : setting.relative ? natural + setting.value : setting.value;
  };
  return {
    ...segment,
    seq: number('seq', segment.seq) >>> 0,
    ack: number('ack', segment.ack) >>> 0,
    window: number('win', segment.window),
    ttl: number('ttl', segment.ttl),
    ipId: number('ipid', segment.ipId),
    mss: segment.mss < 0 ? -1 : number('mss', segment.mss),
    windowScale: segment.windowScale < 0 ? -1 : number('ws', segment.windowScale),
    fastOpenCookie: number('cookie', segment.fastOpenCookie),
    vlan: number('vlan', segment.vlan),
    fill: number('fill', segment.fill),
    checksumGood: settings['checksum'] === undefined ? segment.checksumGood : settings['checksum'].value !== 0,
  };
}

function timestampOf(time: number): number {
  return 100_000 + Math.floor(time / STEP);
}

function isServer(host: Host): boolean {
  return host.place.port < 32_768;
}

/** Addresses of the documentation blocks (RFC 5737): C, S and R have their own, other names one each by letter. */
function defaultPlace(name: string): Place {
  const letter = name.charCodeAt(0);
  if (name.startsWith('S')) return { address: '198.51.100.1', port: 443 };
  if (name.startsWith('C')) return { address: '192.0.2.10', port: 40_000 };
  return { address: `203.0.113.${letter}`, port: 40_000 };
}

/** The n-th of many hosts of one name: in the benchmarking block (RFC 2544), or next to a given IPv6 address. */
function numbered(base: string, name: string, number: number): string {
  if (base.includes(':')) return `${base.replace(/:[0-9a-f]*$/, '')}:${(0x1000 + number).toString(16)}`;
  return `198.${name.startsWith('S') ? 19 : 18}.${(number >> 8) & 0xff}.${number & 0xff}`;
}
