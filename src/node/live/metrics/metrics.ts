import type { ConnectionView, Observation, Report } from '../../../core/index.ts';
import type { Onlooker } from '../live-audit.ts';
import type { LiveView } from '../live-view.ts';
import { ServiceAccount } from './service-account.ts';
import type { Labels, Moment, SourceStatus } from './metric.ts';
import { TopServices } from './top-services.ts';

/** More servers than an audit keeps accounts of: all are read, so that the sums of `other` are right. */
const ALL_SERVERS = 1 << 20;

/** What metrics have to be told while a live audit runs. Everything else they read from its view when they are requested. */
export class Metrics implements Onlooker {
  readonly view: LiveView;
  readonly #services: TopServices;
  readonly #account: ServiceAccount;
  readonly #knownFindings = new Map<string, Labels>();
  readonly #top: number;
  #latestChunk: number | null = null;
  #hasEnded = false;
  #failure: string | null = null;

  /** @param top how many services have series of their own */
  constructor(view: LiveView, top: number) {
    this.view = view;
    this.#top = top;
    this.#services = new TopServices(top);
    this.#account = new ServiceAccount(this.#services);
  }

  fact(observation: Observation, connections: ConnectionView): void {
    this.#account.fact(observation, connections);
  }

  over(flow: number, outcome: number, connections: ConnectionView): void {
    this.#account.over(flow, outcome, connections);
  }

  bytes(): void {
    this.#latestChunk = performance.now();
  }

  end(report: Report | null): void {
    this.#hasEnded = true;
    this.#failure = report === null ? 'the audit failed' : (report.capture.files.find(({ damage }) => damage !== null)?.damage?.reason ?? null);
  }

  status(): SourceStatus {
    return {
      alive: !this.#hasEnded,
      failure: this.#failure,
      lastPacketAge: this.#latestChunk === null || this.view.now() === null ? null : (performance.now() - this.#latestChunk) / 1000,
    };
  }

  /** Everything that the metrics are read from, as of now. */
  moment(): Moment {
    const { view } = this;
    return {
      view,
      status: this.status(),
      counters: view.counters(),
      findings: view.findings(),
      servers: view.servers(ALL_SERVERS),
      services: this.#services,
      top: this.#top,
      knownFindings: this.#knownFindings,
    };
  }
}
