import type { ConnectionView } from '../../../core/index.ts';
import { ServiceTally } from './service-tally.ts';

/** Most services that are counted although they are not named, to find the busiest among them. */
const MOST_CANDIDATES = 4_096;

/** Whoever knows what an endpoint index stands for. */
type Names = Pick<ConnectionView, 'nameOfEndpoint'>;

interface Service {
  readonly key: number;
  connections: number;
  /** Made when the service is first named, and kept when it no longer is: if it is named again, its counters continue. */
  record: { readonly name: string; readonly tally: ServiceTally } | null;
  named: boolean;
}

/**
 * Chooses the services that are named in the metrics, and counts for each of them. Their number is bounded; the rest are counted together,
 * as `others`.
 *
 * Every event is counted once, where its service is counted at that moment, and never moved: no counter falls or jumps when a service is
 * named or loses its name. To displace the weakest named service takes twice its connections, so that names do not come and go. Hence a
 * place changes hands at most some fifty times, and that many tallies are kept for it.
 */
export class TopServices {
  readonly others = new ServiceTally();
  readonly #limit: number;
  readonly #services = new Map<number, Service>();
  readonly #named = new Set<Service>();
  #candidates = 0;
  /** Services with fewer connections cannot take a place. */
  #bar = 0;

  /** @param limit how many services are named */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Counts one more connection to a service, an endpoint index of `names`. Returns the tally for it. */
  connected(key: number, names: Names): ServiceTally {
    const service = this.#services.get(key) ?? this.#meet(key);
    service.connections++;
    this.#consider(service, names);
    return this.#tallyOf(service);
  }

  /** The tally for what happens at a service now. */
  of(key: number): ServiceTally {
    return this.#tallyOf(this.#services.get(key));
  }

  /** The named services, ordered by name. */
  named(): (readonly [name: string, tally: ServiceTally])[] {
    const records = [...this.#named].flatMap(({ record }) => (record === null ? [] : [record]));
    return records.sort((one, other) => (one.name < other.name ? -1 : 1)).map(({ name, tally }) => [name, tally] as const);
  }

  #tallyOf(service: Service | undefined): ServiceTally {
    return service?.named ? (service.record?.tally ?? this.others) : this.others;
  }

  #meet(key: number): Service {
    if (this.#candidates >= MOST_CANDIDATES) this.#thin();
    const service: Service = { key, connections: 0, record: null, named: false };
    this.#services.set(key, service);
    this.#candidates++;
    return service;
  }

  /**
   * Makes room among the candidates: all lose as many connections as the least of them has, and those with none left are forgotten (Misra
   * and Gries: what has more than one in `MOST_CANDIDATES` of all connections stays). Each connection pays for one such loss.
   */
  #thin(): void {
    let least = Infinity;
    for (const { record, connections } of this.#services.values()) if (record === null) least = Math.min(least, connections);
    for (const service of this.#services.values()) {
      if (service.record !== null) continue;
      service.connections -= least;
      if (service.connections > 0) continue;
      this.#services.delete(service.key);
      this.#candidates--;
    }
  }

  #consider(service: Service, names: Names): void {
    if (service.named || service.connections < this.#bar || this.#limit === 0) return;
    if (this.#named.size >= this.#limit) {
      let weakest = service;
      for (const each of this.#named) if (weakest === service || each.connections < weakest.connections) weakest = each;
      this.#bar = weakest.connections * 2;
      if (service.connections < this.#bar) return;
      weakest.named = false;
      this.#named.delete(weakest);
    }
    if (service.record === null) {
      service.record = { name: names.nameOfEndpoint(service.key), tally: new ServiceTally() };
      this.#candidates--;
    }
    service.named = true;
    this.#named.add(service);
  }
}
