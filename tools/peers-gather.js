import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditFile, endpointParts, SEVERITIES } from '../dist/src/node/index.js';

/** @typedef {import('./peers-page.js').ComparedFinding} ComparedFinding */
/** @typedef {import('../dist/src/node/index.js').Finding} Finding */
/** @typedef {{ [column: string]: string }} Row */
/** @typedef {{ host: string, port?: string }[]} Ends Two ends, or one, or a host: what a finding is about. */

const LEAST = SEVERITIES.indexOf('medium');
const MOST_PACKETS = 5;
const MOST_NAMED = 3;
/** What tshark calls a segment, by field. */
const TSHARK = {
  'tcp.analysis.retransmission': 'retransmission',
  'tcp.analysis.fast_retransmission': 'fast retransmission',
  'tcp.analysis.spurious_retransmission': 'spurious retransmission',
  'tcp.analysis.out_of_order': 'out of order',
  'tcp.analysis.lost_segment': 'previous segment not captured',
  'tcp.analysis.ack_lost_segment': 'ACKed unseen segment',
  'tcp.analysis.duplicate_ack': 'duplicate ACK',
  'tcp.analysis.reused_ports': 'port numbers reused',
  'tcp.analysis.keep_alive': 'keep-alive',
  'tcp.analysis.zero_window': 'zero window',
  'tcp.connection.rst': 'connection reset',
};

/**
 * Audits every capture of the corpus and asks the peers about what is found.
 * @param {string} corpus folder with `captures/`, `captures.tsv` and verdicts of others
 * @param {readonly ComparedFinding[]} known of the last time: their `why` is kept
 * @returns {Promise<import('./peers-page.js').Comparison>}
 */
export async function gatherFindings(corpus, known) {
  const names = readdirSync(join(corpus, 'captures')).sort();
  const sources = new Map(table(corpus, 'captures.tsv').map((row) => [row['capture'], row['source']]));
  const zeek = table(corpus, 'zeek-conn.tsv');
  const suricata = table(corpus, 'suricata.tsv');
  /** @type {ComparedFinding[]} */
  const findings = [];
  for (const name of names) {
    const path = join(corpus, 'captures', name);
    const key = `captures/${name}`;
    const { findings: all } = await auditFile(path);
    for (const finding of all.filter(({ severity }) => SEVERITIES.indexOf(severity) >= LEAST)) {
      const ends = endsOf(finding);
      const capture = (sources.get(key) ?? name).replace('+', '/');
      const subject = subjectOf(finding);
      findings.push({
        capture,
        rule: finding.rule,
        severity: finding.severity,
        confidence: finding.confidence,
        subject,
        count: finding.count,
        title: finding.title,
        packets: finding.evidence.packets.slice(0, MOST_PACKETS),
        peers: {
          tshark: askTshark(path, ends),
          tcptrace: askTcptrace(path, ends),
          zeek: zeekOf(zeek.filter(({ trace }) => trace === key), ends),
          suricata: suricataOf(suricata.filter(({ pcap }) => pcap === key)),
        },
        why: known.find((each) => each.capture === capture && each.rule === finding.rule && each.subject === subject)?.why ?? '',
      });
    }
  }
  return { captures: names.length, withFindings: new Set(findings.map(({ capture }) => capture)).size, versions: { tshark: version('tshark'), tcptrace: version('tcptrace') }, findings };
}

/** @param {Finding} finding @returns {Ends} */
function endsOf({ subject }) {
  switch (subject.kind) {
    case 'flow':
      return [endpointParts(subject.client), endpointParts(subject.server)];
    case 'endpoint':
      return [endpointParts(subject.endpoint)];
    case 'host':
      return [{ host: subject.host }];
    default:
      return [];
  }
}

/** @param {Finding} finding */
function subjectOf({ subject }) {
  switch (subject.kind) {
    case 'flow':
      return `${subject.client} to ${subject.server}`;
    case 'endpoint':
      return subject.endpoint;
    case 'host':
      return subject.host;
    default:
      return 'the capture';
  }
}

/** @param {string} corpus @param {string} name @returns {Row[]} */
function table(corpus, name) {
  const path = join(corpus, name);
  if (!existsSync(path)) return [];
  const [head = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const columns = head.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
  });
}

/** @param {string} tool @param {readonly string[]} args */
function output(tool, args) {
  const { stdout, stderr, error } = spawnSync(tool, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error !== undefined) throw new Error(`${tool} does not run: ${error.message}; install it`);
  return stdout === '' ? stderr : stdout;
}

/** @param {string} tool */
function version(tool) {
  return /\d+(?:\.\d+)+/.exec(output(tool, [tool === 'tshark' ? '--version' : '-v']))?.[0] ?? '';
}

/** What tshark's analysis marks of the connections, with counts. @param {string} path @param {Ends} ends */
function askTshark(path, ends) {
  const filter = ends.map(({ host, port }) => `${host.includes(':') ? 'ipv6' : 'ip'}.addr == ${host}${port === undefined ? '' : ` && tcp.port == ${port}`}`);
  const fields = Object.keys(TSHARK);
  const lines = output('tshark', ['-r', path, '-Y', ['tcp', ...filter].join(' && '), '-T', 'fields', ...fields.flatMap((field) => ['-e', field])]);
  const counts = fields.map(() => 0);
  for (const line of lines.split('\n')) line.split('\t').forEach((mark, index) => (counts[index] += mark === '' ? 0 : 1));
  const marks = fields.map((field, index) => ({ name: TSHARK[field], count: counts[index] })).filter(({ count }) => count > 0);
  return marks.length === 0 ? 'no remark' : marks.map(({ name, count }) => `${name} ×${count}`).join(', ');
}

/** What tcptrace counts in the connections. @param {string} path @param {Ends} ends */
function askTcptrace(path, ends) {
  const blocks = output('tcptrace', ['-n', '-l', path]).split(/^TCP connection \d+:\n/m).slice(1);
  const chosen = blocks.filter((block) => {
    const hosts = [...block.matchAll(/^\s*host \S+:\s+(\S+)$/gm)].map(([, host = '']) => host);
    return ends.every(({ host, port }) => hosts.some((each) => (port === undefined ? each.startsWith(`${host}:`) : each === `${host}:${port}`)));
  });
  if (chosen.length === 0) return '';
  /** @type {Map<string, number>} */
  const outcomes = new Map();
  for (const block of chosen) {
    const outcome = /complete conn: (\S+)/.exec(block)?.[1] ?? 'unknown';
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  const sum = (/** @type {string} */ label) =>
    chosen.reduce((total, block) => total + [...block.matchAll(new RegExp(`\\b${label}:\\s+(\\d+)`, 'g'))].reduce((both, [, count]) => both + Number(count), 0), 0);
  const complete = [...outcomes].map(([outcome, count]) => `complete: ${outcome}${chosen.length > 1 ? ` ×${count}` : ''}`);
  const counts = [['retransmitted', sum('rexmt data pkts')], ['out of order', sum('outoforder pkts')]].filter(([, count]) => Number(count) > 0).map(([what, count]) => `${what} ×${count}`);
  return [...complete, ...counts].join(', ');
}

/** @param {readonly Row[]} rows @param {Ends} ends */
function zeekOf(rows, ends) {
  const chosen = rows.filter((row) =>
    ends.every(({ host, port }) => [['orig_h', 'orig_p'], ['resp_h', 'resp_p']].some(([address, number]) => row[address] === host && (port === undefined || row[number] === port))));
  const states = [...new Set(chosen.map((row) => `${row['conn_state']} ${row['history']}`))];
  return states.length > MOST_NAMED ? `${states.slice(0, MOST_NAMED).join(', ')} and ${states.length - MOST_NAMED} more` : states.join(', ');
}

/** @param {readonly Row[]} rows */
function suricataOf(rows) {
  return [...new Set(rows.map((row) => `${row['event_type']}: ${row['match'] || row['stats_value']}`))].slice(0, MOST_NAMED).join('; ');
}
