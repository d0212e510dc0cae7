/** @typedef {import('./labels-gather.js').Difference} Difference */
/** @typedef {import('./labels-gather.js').LabelComparison} LabelComparison */

/**
 * @typedef {object} Verdict
 * @property {(difference: Difference) => boolean} of
 * @property {'synoptic' | 'the peer' | 'both' | 'neither'} right
 * @property {string} why
 */

/**
 * @param {string} theirs
 * @param {string} ours
 * @param {string} evidence its beginning
 */
const says = (theirs, ours, evidence) => (/** @type {Difference} */ difference) =>
  difference.theirs === theirs && difference.ours === ours && difference.evidence.startsWith(evidence);

/** @param {string} capture its end @param {number} packet */
const example = (capture, packet) => (/** @type {Difference} */ { examples }) => examples.some((each) => each.endsWith(`${capture} ${packet}`));

/** In this order: the first that fits explains a difference. @type {Verdict[]} */
const VERDICTS = [
  {
    of: ({ evidence }) => evidence.startsWith('a fuzzer'),
    right: 'neither',
    why: 'Addresses, ports, numbers and flags of these frames are not what any host sent: "new" connections of one packet, acknowledgments gigabytes ahead. No label says anything of a network here.',
  },
  {
    of: ({ evidence }) => evidence.startsWith('the same frame'),
    right: 'synoptic',
    why: 'A sender gives what it sends again another IP-ID; here IP-ID and TCP header are those of a frame at most 50 ms before (2 ms where the IP-ID is 0). In bad_ack_code the second copy has TTL 254 where the first has 255: captured before and behind a router. Attack.pcap holds whole stretches of frames twice, some of them within the same microsecond. tshark counts each as sent again, or as a duplicate ACK.',
  },
  {
    of: says('out of order', 'sent again', 'all its bytes were captured before'),
    right: 'synoptic',
    why: 'What the capture holds already is not late but sent again, whatever the time between. The TCPRS captures were taken at the sender (its SYN-ACK comes 0.1 ms after the SYN), where nothing can come late. TCPRS says the same of each of them that it judged (`PREV_OBSERVED`).',
  },
  {
    of: says('out of order', 'sent again', 'bytes of a gap, IP-ID above'),
    right: 'synoptic',
    why: 'First sight of the bytes, but the IP-ID is above those of the segments behind the gap: it was sent after them. Lost before the capture point and sent again.',
  },
  {
    of: ({ ours, evidence }) => ours === 'out of order' && evidence.startsWith('bytes of a gap, IP-ID below'),
    right: 'synoptic',
    why: 'fack028, packet 6: the ACK in packet 5 stands behind its 521 bytes (IP-ID 0x5791), packet 6 has IP-ID 0x577d. It was sent before packet 5 and took 133 ms longer. tshark goes by that time; TCPRS, rightly, does not count it as sent again.',
  },
  {
    of: ({ ours }) => ours === 'keep-alive' || ours === 'keep-alive ACK',
    right: 'synoptic',
    why: 'Empty segments every 45 s, each one below what the other end acknowledges in answer: keep-alives and their ACKs, of connections older than the capture. tshark needs to have seen the byte below; without it both count as duplicate ACKs, up to #9. In packet 1039 it has seen a SYN, and takes the answer for a window update, since the one window before it was a SYN-ACK\'s.',
  },
  {
    of: says('-', 'spurious', 'the same SYN'),
    right: 'synoptic',
    why: 'A SYN-ACK whose receiver reports it as a duplicate in its first SACK block (RFC 2883): in fack028, packet 5 has [0, 1) below its own ACK.',
  },
  {
    of: says('-', 'spurious', 'all its bytes'),
    right: 'synoptic',
    why: 'The segment was acknowledged too soon to answer this sending of it, or its receiver reports it twice (D-SACK). tshark 4.0 says spurious only where the ACK was captured before the repeat; synoptic, which may look back, marks those that only time shows as medium.',
  },
  {
    of: ({ theirs, ours, evidence }) => theirs === 'duplicate ACK' && ours === '-' && evidence.includes('nothing outstanding'),
    right: 'synoptic',
    why: 'RFC 5681 §2: a duplicate ACK needs data outstanding. All data of the other end was acknowledged when these were sent: in answer to a SYN-ACK, FIN or data that came again (wechat, packet 217), or as the earlier of two ACKs that were captured in the wrong order (comp017, packet 47, by IP-ID). No sender counts them.',
  },
  {
    of: says('-', 'window update', 'the same ACK, another window'),
    right: 'synoptic',
    why: 'The number acknowledged last, another window: no duplicate ACK (RFC 5681 §2), but one from which its receiver takes the window (RFC 9293 §3.10.7.4), even where the IP-ID shows that it was overtaken (fast019, packet 70). tshark compares with the packet before, which in fast012 (297) was an older ACK.',
  },
  {
    of: ({ evidence, examples }) => evidence.startsWith('the capture holds only the beginnings') || examples.includes('tcptrace--input-fast_reuse.dmp.gz 2'),
    right: 'synoptic',
    why: 'The IP header says 1,500 bytes, of which the frame holds 114. tshark goes by the frame and finds 1,386 bytes missing after every segment; synoptic goes by IP, and the other end\'s ACKs agree with that to the byte. What is missing is one segment before packet 2, by packet 1\'s ACK: the gap, and packet 5\'s unseen bytes.',
  },
  {
    of: (difference) => difference.examples.some((each) => each.includes('wechat')) && (difference.theirs === 'gap' || difference.theirs === 'unseen'),
    right: 'synoptic',
    why: 'Packet 168 stands one above a keep-alive, where packet 167 acknowledges it to stand: nothing is missing. Packet 875 acknowledges packet 872, which is in the capture. After its own mistake, or after a real gap (863, where both say so), tshark goes on saying it.',
  },
  {
    of: example('arkime--pcap-tcp_handshake_synthetic.pcap', 50),
    right: 'synoptic',
    why: 'The SYN-ACK has the number 2^32 - 1, so the third segment of the handshake acknowledges 0. It is the first ACK of its sender; none can be a duplicate of it.',
  },
  {
    of: ({ ours }) => ours === 'bad ACK',
    right: 'synoptic',
    why: 'The third segment acknowledges what the other end, one millisecond after its SYN-ACK, cannot have sent (packets 6, 16, 21 and 38), or a number before its SYN (41). tshark says that the capture missed it, and nothing of packet 41.',
  },
  {
    of: example('split-handshake-4whs.pcap', 3),
    right: 'synoptic',
    why: 'Both ends had sent a SYN; packet 3 is the SYN-ACK of a simultaneous open (RFC 9293 §3.5, Figure 7), with the SYN\'s number as it must have. It acknowledges, as the SYN did not: another segment.',
  },
  {
    of: example('arkime--pcap-tcp_handshake_synthetic.pcap', 20),
    right: 'synoptic',
    why: 'The client, in SYN_SENT with number 5000, answers a SYN-ACK with one of number 424242, which no TCP sends. It stands 419,241 bytes above what its receiver expects, which offered 65,535: `out-of-window`, refused by the first check of RFC 9293 §3.10.7.4, and no state moves. tshark takes the number for the SYN of a new connection and the way to it for a gap.',
  },
  {
    of: ({ question, theirs }) => question === 'ports used again' && theirs === 'reused',
    right: 'both',
    why: 'A SYN with another number where the one before was not answered, or not completed. For tshark the ports are used again; synoptic calls it `port-reuse` only where there was a connection, and here begins a new attempt without a label.',
  },
];

/** @param {Difference} difference */
const verdictOf = (difference) => VERDICTS.find(({ of }) => of(difference));

/**
 * Differences that no verdict explains.
 * @param {LabelComparison} comparison
 * @returns {Difference[]}
 */
export function unexplained({ differences }) {
  return differences.filter((difference) => verdictOf(difference) === undefined);
}

/**
 * The section of docs/peers.md.
 * @param {LabelComparison} comparison
 * @returns {string}
 */
export function renderLabels({ tshark, captures, packets, totals, differences }) {
  const counts = totals.map(({ peer, question, same, other }) => `| ${peer} | ${question} | ${same} | ${other} |`);
  const rows = VERDICTS.map((verdict) => ({ verdict, explained: differences.filter((difference) => verdictOf(difference) === verdict) })).filter(({ explained }) => explained.length > 0);
  return `## Labels of packets

Generated by \`node tools/peers-labels.js\` from \`docs/peers/labels.json\`; the verdicts are in \`tools/labels-page.js\`.

${packets} packets of ${captures} captures have been labelled by \`synoptic packets\` and by tshark ${tshark} (\`tcp.analysis\`); of the captures of TCPRS's own test suite its
expected verdicts are compared too. Packets of which neither says anything are not counted. What the numbers show is reckoned by the script from the packets' headers, not
from what either tool says.

| peer | question | same answer | another |
|---|---|---|---|
${counts.join('\n')}

| peer says → synoptic says: what the numbers show | packets | for example | right | why |
|---|---|---|---|---|
${rows.map(({ verdict, explained }) => row(verdict, explained)).join('\n')}
`;
}

/** @param {Verdict} verdict @param {Difference[]} explained */
function row({ right, why }, explained) {
  const kinds = explained.map(({ peer, theirs, ours, evidence, packets }) => `${peer} ${word(theirs)} → ${word(ours)}: ${evidence} (${packets})`);
  const examples = [...new Set(explained.flatMap((each) => each.examples))].slice(0, 3).map((each) => each.replace(/^.*?--/, ''));
  const count = explained.reduce((sum, { packets }) => sum + packets, 0);
  return `| ${[kinds.join('<br>'), String(count), examples.join('; '), right === 'synoptic' ? right : `**${right}**`, why].map(cell).join(' | ')} |`;
}

/** @param {string} answer */
const word = (answer) => (answer === '-' ? 'nothing' : answer);

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|');
