import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Evidence } from './labels-evidence.js';

const SYNOPTIC = fileURLToPath(new URL('../bin/synoptic.js', import.meta.url));
const MEGABYTES = 1 << 20;
/** Captures whose bytes, ports and numbers among them, were changed on purpose. */
const FUZZED = /-fuzz-/;
/** Most examples kept of one difference. */
const EXAMPLES = 3;

/** The questions that both answer, each with what their labels say to it; `null`: nothing. @type {{[question: string]: {tshark: [string, string][], synoptic: [string, string][]}}} */
const QUESTIONS = {
  'what is sent': {
    tshark: [
      ['retransmission', 'sent again'],
      ['fast_retransmission', 'sent again'],
      ['spurious_retransmission', 'sent again'],
      ['out_of_order', 'out of order'],
      ['zero_window_probe', 'window probe'],
      ['keep_alive', 'keep-alive'],
    ],
    synoptic: [
      ['capture-duplicate', 'captured twice'],
      ['retransmission', 'sent again'],
      ['syn-retransmission', 'sent again'],
      ['synack-retransmission', 'sent again'],
      ['out-of-order', 'out of order'],
      ['zero-window-probe', 'window probe'],
      ['keep-alive', 'keep-alive'],
    ],
  },
  'sent again for nothing': {
    tshark: [['spurious_retransmission', 'spurious']],
    synoptic: [['spurious-retransmission', 'spurious']],
  },
  'what is acknowledged': {
    tshark: [
      ['keep_alive_ack', 'keep-alive ACK'],
      ['zero_window_probe_ack', 'window probe ACK'],
      ['duplicate_ack', 'duplicate ACK'],
      ['window_update', 'window update'],
    ],
    synoptic: [
      ['zero-window-probe-ack', 'window probe ACK'],
      ['keep-alive-ack', 'keep-alive ACK'],
      ['challenge-ack', 'challenge ACK'],
      ['duplicate-ack', 'duplicate ACK'],
      ['window-update', 'window update'],
    ],
  },
  'gap before it': {
    tshark: [['lost_segment', 'gap']],
    synoptic: [['hole', 'gap']],
  },
  'acknowledges what was not captured': {
    tshark: [['ack_lost_segment', 'unseen']],
    synoptic: [
      ['bad-ack', 'bad ACK'],
      ['ack-unseen', 'unseen'],
    ],
  },
  'ports used again': {
    tshark: [['reused_ports', 'reused']],
    synoptic: [['port-reuse', 'reused']],
  },
};

/**
 * @typedef {object} Difference
 * @property {string} peer
 * @property {string} question
 * @property {string} theirs "-" where they say nothing
 * @property {string} ours
 * @property {string} evidence what the numbers of the packets show, by themselves
 * @property {number} packets how many
 * @property {string[]} examples "CAPTURE PACKET"
 */

/**
 * @typedef {object} LabelComparison
 * @property {string} tshark its version
 * @property {number} captures
 * @property {number} packets
 * @property {{peer: string, question: string, same: number, other: number}[]} totals
 * @property {Difference[]} differences
 */

/**
 * Labels every packet of the captures, asks tshark for its own, and reads the verdicts of TCPRS.
 * @param {string} corpus folder with `captures/`, `captures.tsv`, `tcprs-events.tsv` and, for each capture to compare, `tshark/CAPTURE.tsv`
 * @returns {LabelComparison}
 */
export function gatherLabels(corpus) {
  const chosen = new Set(readdirSync(join(corpus, 'tshark')).map((name) => name.replace(/\.tsv$/, '')));
  const events = eventsOf(join(corpus, 'tcprs-events.tsv'));
  for (const capture of events.keys()) chosen.add(capture);
  const tally = new Tally();
  let packets = 0;
  for (const capture of [...chosen].sort((one, other) => (one < other ? -1 : 1))) {
    const path = join(corpus, 'captures', capture);
    const ours = new Map(lines(process.execPath, [SYNOPTIC, 'packets', path, '--format', 'ndjson']).map((line) => [Number(/"packet":(\d+)/.exec(line)?.[1]), JSON.parse(line)]));
    const theirs = askTshark(path);
    const evidence = new Evidence();
    const verdicts = events.get(capture);
    for (const packet of theirs) {
      const labels = ours.get(packet.number)?.labels;
      const facts = FUZZED.test(capture) ? 'a fuzzer changed bytes of this capture at random' : evidence.of(packet);
      if (labels === undefined) continue;
      packets++;
      for (const [question, { tshark, synoptic }] of Object.entries(QUESTIONS)) {
        tally.add('tshark', question, said(tshark, packet.labels), said(synoptic, labels), facts, capture, packet.number);
      }
      if (verdicts !== undefined) {
        const verdict = verdicts.find(({ time, seq }) => Math.abs(time - packet.time) < 2e-6 && seq === packet.seq)?.says ?? '-';
        const own = said(QUESTIONS['what is sent'].synoptic, labels);
        if (packet.length > 0 || verdict !== '-') tally.add('TCPRS', 'what is sent', verdict, own, facts, capture, packet.number);
      }
    }
  }
  const version = /TShark \(Wireshark\) ([\d.]+)/.exec(lines('tshark', ['--version'])[0] ?? '')?.[1] ?? 'unknown';
  return { tshark: version, captures: chosen.size, packets, ...tally.result() };
}

/**
 * @param {[string, string][]} words
 * @param {readonly string[]} labels
 */
function said(words, labels) {
  return words.find(([label]) => labels.includes(label))?.[1] ?? '-';
}

/**
 * @typedef {object} Packet as tshark reads it
 * @property {number} number
 * @property {number} time seconds since the epoch
 * @property {string} from
 * @property {string} to
 * @property {string} stream
 * @property {number} seq
 * @property {number} ack
 * @property {number} length payload by the IP header, bytes
 * @property {number} shown payload that tshark reckons with, which is less where the capture does not hold all of it
 * @property {number} flags
 * @property {number} window
 * @property {number | null} tsval
 * @property {number} ipId 0 where there is none
 * @property {string[]} labels of tcp.analysis, without that prefix
 */

const ANALYSIS = [...new Set(Object.values(QUESTIONS).flatMap(({ tshark }) => tshark.map(([label]) => label)))];
const FIELDS = ['frame.number', 'frame.time_epoch', 'ip.src', 'ipv6.src', 'tcp.srcport', 'ip.dst', 'ipv6.dst', 'tcp.dstport', 'tcp.stream', 'tcp.seq_raw', 'tcp.ack_raw', 'tcp.len', 'tcp.flags', 'tcp.window_size_value', 'tcp.options.timestamp.tsval', 'ip.id', 'ip.len', 'ip.hdr_len', 'ipv6.plen', 'tcp.hdr_len'];

/**
 * @param {string} path
 * @returns {Packet[]}
 */
function askTshark(path) {
  const fields = [...FIELDS, ...ANALYSIS.map((label) => `tcp.analysis.${label}`)].flatMap((field) => ['-e', field]);
  // The last occurrence of a field is that of the innermost layer, and so are the labels of a segment quoted by no error.
  const out = lines('tshark', ['-n', '-r', path, '-o', 'tcp.check_checksum:FALSE', '-Y', 'tcp && !icmp', '-T', 'fields', '-E', 'occurrence=l', ...fields]);
  return out.map((line) => {
    const [number, time, from4, from6, fromPort, to4, to6, toPort, stream, seq, ack, length, flags, window, tsval, id, total, ipHeader, payload6, header, ...analysis] = line.split('\t');
    return {
      number: Number(number),
      time: Number(time),
      from: `${from4 || from6}:${fromPort}`,
      to: `${to4 || to6}:${toPort}`,
      stream: stream ?? '',
      seq: Number(seq),
      ack: Number(ack),
      length: Number(total) > 0 ? Number(total) - Number(ipHeader) - Number(header) : Number(payload6) > 0 ? Number(payload6) - Number(header) : Number(length),
      shown: Number(length),
      flags: Number(flags),
      window: Number(window),
      tsval: tsval ? Number(tsval) : null,
      ipId: id ? Number(id) : 0,
      labels: ANALYSIS.filter((_, index) => (analysis[index] ?? '') !== ''),
    };
  });
}

/**
 * @param {string} path
 * @returns {Map<string, {time: number, seq: number, says: string}[]>} by capture
 */
function eventsOf(path) {
  const events = new Map();
  if (!existsSync(path)) return events;
  const [head, ...rows] = readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => line.split('\t'));
  const at = (/** @type {string[]} */ row, /** @type {string} */ column) => row[head?.indexOf(column) ?? -1] ?? '';
  for (const row of rows) {
    const says = { tcpretransmissions: 'sent again', tcpreordering: 'out of order' }[at(row, 'log')];
    if (says === undefined) continue;
    const capture = at(row, 'trace').replace('captures/', '');
    const known = events.get(capture) ?? [];
    known.push({ time: Number(at(row, 'ts')), seq: Number(at(row, 'seq')), says });
    events.set(capture, known);
  }
  return events;
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function lines(program, args) {
  const { stdout, status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2048 * MEGABYTES });
  if (error) throw error;
  // A capture cut short is read as far as it goes: synoptic says so with 3, tshark with 2.
  if (status !== 0 && status !== 2 && status !== 3) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout.split('\n').filter((line) => line !== '');
}

/** Counts answers, alike and other, and keeps examples. */
class Tally {
  /** @type {Map<string, {peer: string, question: string, same: number, other: number}>} */
  #totals = new Map();
  /** @type {Map<string, Difference>} */
  #differences = new Map();

  /**
   * @param {string} peer
   * @param {string} question
   * @param {string} theirs
   * @param {string} ours
   * @param {string} evidence
   * @param {string} capture
   * @param {number} packet
   */
  add(peer, question, theirs, ours, evidence, capture, packet) {
    if (theirs === '-' && ours === '-') return;
    const total = this.#totals.get(peer + question) ?? { peer, question, same: 0, other: 0 };
    this.#totals.set(peer + question, total);
    if (theirs === ours) {
      total.same++;
      return;
    }
    total.other++;
    const key = [peer, question, theirs, ours, evidence].join('\t');
    const difference = this.#differences.get(key) ?? { peer, question, theirs, ours, evidence, packets: 0, examples: [] };
    this.#differences.set(key, difference);
    difference.packets++;
    const captures = difference.examples.map((example) => example.split(' ')[0]);
    if (difference.examples.length < EXAMPLES && !captures.includes(capture)) difference.examples.push(`${capture} ${packet}`);
  }

  result() {
    const order = Object.keys(QUESTIONS);
    const differences = [...this.#differences.values()].sort(
      (one, other) => one.peer.localeCompare(other.peer) || order.indexOf(one.question) - order.indexOf(other.question) || other.packets - one.packets,
    );
    return { totals: [...this.#totals.values()], differences };
  }
}
