import type { Finding, FlowRow, Ladder, Report, ServerRow } from '../../src/core/index.ts';
import { STATE_NAMES } from '../../src/core/index.ts';
import type { LiveCounters, LiveView } from '../../src/node/live/live-view.ts';
import { sampleFlow } from './sample-flow.ts';
import { SAMPLE_START, sampleFinding, sampleServer } from './sample-report.ts';

/** A live audit that says what it is told to, and counts how often it is asked. */
export class SampleLiveView implements LiveView {
  interface = 'eth0';
  source = 'tcpdump';
  clock: 'kernel' | 'delivery' = 'kernel';
  filter = 'tcp port 8080';
  packets = 0;
  states: { [state: string]: number } = {};
  found: Finding[] = [];
  /** Those of them that are certain. */
  sure: Finding[] = [];
  known: ServerRow[] = [];
  rows: FlowRow[] = [];
  seconds: number | null = null;
  drops: LiveCounters['drops'] = { kernel: 0, interface: 0, own: 0 };
  ladders = new Map<number, Ladder>();
  readonly asked = { findings: 0, certain: 0, servers: 0, flows: 0 };

  started(): bigint | null {
    return this.seconds === null ? null : SAMPLE_START;
  }

  now(): bigint | null {
    return this.seconds === null ? null : SAMPLE_START + BigInt(Math.round(this.seconds * 1e9));
  }

  counters(): LiveCounters {
    return { packets: this.packets, bytes: this.packets * 100, drops: this.drops, syn: 3, synAck: 2, rst: 1, fin: 4, retransmitted: 5 };
  }

  population(): readonly number[] {
    return STATE_NAMES.map((state) => this.states[state] ?? 0);
  }

  findings(): readonly Finding[] {
    return this.report().findings;
  }

  certain(): readonly Finding[] {
    this.asked.certain++;
    return this.sure;
  }

  servers(limit: number): readonly ServerRow[] {
    this.asked.servers++;
    return this.known.slice(0, limit);
  }

  flows(wanted: (flow: number) => boolean = () => true): Iterable<FlowRow> {
    this.asked.flows++;
    return this.rows.filter(({ flow }) => wanted(flow));
  }

  ladder(flow: number): Ladder | null {
    return this.ladders.get(flow) ?? null;
  }

  /** Of it the screen needs the findings only. */
  report(): Report {
    this.asked.findings++;
    return { findings: this.found } as Report;
  }
}

/** A leaking server, watched for twelve minutes. */
export function leakingView(): SampleLiveView {
  const view = new SampleLiveView();
  view.seconds = 724;
  view.packets = 12_345;
  view.states = { CLOSE_WAIT: 124, FIN_WAIT_2: 124, ESTABLISHED: 24, TIME_WAIT: 70, CLOSED: 70 };
  view.found = [
    sampleFinding(),
    sampleFinding({ rule: 'rst-abort', severity: 'low', count: 6, subject: { kind: 'host', host: '10.0.0.9' }, title: 'Aborted' }),
    sampleFinding({ rule: 'keepalive', severity: 'info', count: 2 }),
  ];
  view.known = [sampleServer(), sampleServer({ endpoint: '10.0.0.6:443', flows: 31, states_at_end: { ESTABLISHED: 12 }, retransmitted_share: 0 })];
  view.rows = Array.from({ length: 40 }, (_, i) => sampleFlow(i + 1));
  return view;
}
