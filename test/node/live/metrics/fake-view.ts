import { Engine } from '../../../../src/core/index.ts';
import type { EngineListeners, Finding, FlowRow, Ladder, Report, ServerRow } from '../../../../src/core/index.ts';
import type { LiveCounters, LiveView } from '../../../../src/node/live/live-view.ts';
import { captureOf } from '../../../support/conversation-frames.ts';
import { sampleFinding, sampleReport, sampleServer, SAMPLE_START } from '../../../support/sample-report.ts';

/** Tells who counts facts of one connection to each of these services (`address:port`), begun before the capture. */
export function meetServices(listener: { fact: NonNullable<EngineListeners['fact']> }, services: readonly string[]): void {
  const engine = new Engine({}, { fact: (observation, connections) => listener.fact(observation, connections) });
  engine.open('capture', null);
  engine.push(captureOf(services.map((service) => `S = ${service}\nC > S ACK`).join('\n')));
  engine.close();
  engine.finish();
}

/** The metrics of a live audit that has just begun, as far as tests set nothing else. */
export class FakeView implements LiveView {
  interface = 'eth0';
  source = 'tcpdump';
  clock = 'kernel' as const;
  filter = 'tcp port 8080';
  total: LiveCounters = {
    packets: 12_345,
    bytes: 1_234_567,
    drops: { kernel: 7, interface: 0, own: 0 },
    syn: 210,
    synAck: 205,
    rst: 6,
    fin: 274,
    retransmitted: 17,
  };
  ends: number[] = [0, 0, 3, 2, 40, 1, 5, 124, 0, 1, 30, 4];
  found: Finding[] = [sampleFinding()];
  rows: ServerRow[] = [sampleServer()];
  latest: bigint | null = SAMPLE_START + 800_000_000_000n;

  started(): bigint | null {
    return this.latest === null ? null : SAMPLE_START;
  }

  now(): bigint | null {
    return this.latest;
  }

  counters(): LiveCounters {
    return this.total;
  }

  population(): readonly number[] {
    return this.ends;
  }

  findings(): readonly Finding[] {
    return this.found;
  }

  certain(): readonly Finding[] {
    return [];
  }

  servers(limit: number): readonly ServerRow[] {
    return this.rows.slice(0, limit);
  }

  flows(): Iterable<FlowRow> {
    return [];
  }

  ladder(): Ladder | null {
    return null;
  }

  report(): Report {
    return sampleReport({ findings: this.found });
  }
}
