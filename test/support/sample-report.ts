import type { Finding, Report, ServerRow } from '../../src/core/report/report.ts';

/** 2024-05-01T12:00:03.123456789Z. */
export const SAMPLE_START = 1_714_564_803_123_456_789n;

export function sampleFinding(changes: Partial<Finding> = {}): Finding {
  return {
    rule: 'close-wait-leak',
    severity: 'high',
    confidence: 'medium',
    title: 'The application does not close its connections',
    subject: { kind: 'endpoint', endpoint: '10.0.0.5:8080' },
    first_ns: SAMPLE_START,
    last_ns: SAMPLE_START + 787_000_000_000n,
    count: 124,
    evidence: { flows: [1, 4, 9], packets: [12, 45, 88], more: { flows: 121, packets: 0 } },
    facts: { open_episodes: 124, hold_p95_seconds: 341.5, lost_bytes: 14_500, unread_share: 0.125, cause: 'never read' },
    explanation:
      '124 clients have closed their connections to 10.0.0.5:8080, and the server has not closed its ends. Every one of them holds a ' +
      'file descriptor until the process runs out of them and can accept no more.',
    advice: ['ss -tnp state close-wait sport = :8080', 'lsof -nP -iTCP:8080 -sTCP:CLOSE_WAIT'],
    references: ['RFC 9293 §3.6', 'RFC 1122 §4.2.2.13'],
    doubts: ['3 % of the segments are missing from the capture'],
    ...changes,
  };
}

export function sampleServer(changes: Partial<ServerRow> = {}): ServerRow {
  return {
    endpoint: '10.0.0.5:8080',
    flows: 200,
    outcomes: { 'half-closed': 124, closed: 70, reset: 6 },
    states_at_end: { CLOSE_WAIT: 124, CLOSED: 76 },
    peak_states: { CLOSE_WAIT: 124, ESTABLISHED: 12 },
    closed_first: { client: 194, server: 0 },
    handshake: { p50: 0.000085, p95: 0.00125, max: 0.2 },
    retransmitted_share: 0.0031,
    close_wait_seconds: { p50: 0.01, p95: 341.5, max: 400, closed: 70, open: 124 },
    ...changes,
  };
}

/** A report of a leaking server: one grave finding, one of medium severity about a flow between IPv6 ends, one note. */
export function sampleReport(changes: Partial<Report> = {}): Report {
  return {
    schema: 'synoptic-report/1',
    tool: { name: 'synoptic', version: '0.1.0', options: {} },
    capture: {
      files: [
        {
          name: 'server.pcap',
          format: 'pcap',
          compression: null,
          link_types: ['ETHERNET'],
          snaplen: 262_144,
          packets: 12_345,
          bytes: 1_234_567,
          complete: true,
          damage: null,
        },
      ],
      start_ns: SAMPLE_START,
      end_ns: SAMPLE_START + 800_000_000_001n,
      duration: 800.000000001,
      packets: { read: 12_345, analysed: 12_300, left_out: { not_tcp: 40, not_ip: 5 } },
      quality: {
        duplicates: 0,
        kernel_drops: null,
        lost_estimate: 17,
        one_way_flows: 3,
        midstream_flows: 1,
        truncated: 0,
        supersegments: 12,
        misordered: 0,
        clock_steps: 0,
        bad_checksums: 0,
        vantage: 'server',
      },
    },
    totals: {
      flows: 1204,
      outcomes: { closed: 1074, 'half-closed': 124, reset: 6 },
      states_at_end: { CLOSED: 2284, CLOSE_WAIT: 124 },
      evicted: { flows: 0, oldest_age_seconds: 0 },
    },
    findings: [
      sampleFinding(),
      sampleFinding({
        rule: 'rst-after-fin',
        severity: 'medium',
        title: 'A reset after the FIN',
        subject: { kind: 'flow', flow: 7, client: '[2001:db8:1234:5678:9abc:def0:1234:5678]:51514', server: '[2001:db8::1]:443' },
        first_ns: SAMPLE_START + 5n,
        last_ns: SAMPLE_START + 5n,
        count: 1,
        evidence: { flows: [7], packets: [99], more: { flows: 0, packets: 0 } },
        facts: {},
        doubts: [],
      }),
      sampleFinding({ rule: 'midstream', severity: 'info', title: 'One connection was under way', subject: { kind: 'capture' }, count: 1 }),
    ],
    servers: [sampleServer(), sampleServer({ endpoint: '[2001:db8::1]:443', flows: 4, handshake: null })],
    series: {
      bin_seconds: 10,
      start_ns: SAMPLE_START,
      states: { ESTABLISHED: [1, 2, 3], CLOSE_WAIT: [0, 60, 124] },
      events: { syn: [3, 4, 5], synack: [3, 4, 5], rst: [0, 0, 6], fin: [1, 1, 1] },
    },
    ...changes,
  };
}
