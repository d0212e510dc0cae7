import type { ConnectionView } from '../../../core/index.ts';
import { ServiceTally } from './service-tally.ts';

/** Services that are counted while they have no name of their own in the metrics, to find the busiest among them. */
const MOST_CANDIDATES = 4_096;

/** Whoever knows what an endpoint index stands for. */
type Names = Pick<ConnectionView, 'nameOfEndpoint'>;

interface Service {
  readonly name: string;
  key: number | null;
  connections: number;
  /** Made when the service is first named in the metrics, kept while it is not: where it is named again, its counters go on. */
  tally: ServiceTally | null;
  named: boolean;
}

/**
 * Which services have a name of their own in the metrics, and what is counted of each. The number of names is bounded; the rest are
 * one, `others`.
 *
 * Whatever happens is counted once, where its service is counted at that moment, and is never moved: no counter falls or leaps when
 * a service gains or loses its name. A service takes the place of the weakest named one from twice its connections on, so that names
 * do not come and go; hence a place changes hands some fifty times at most, and as many tallies are kept for it.
 */
export class TopServices {
  readonly others = new ServiceTally();
  readonly #limit: number;
  readonly #byKey = new Map<number, Service>();
  readonly #byName = new Map<string, Service>();
  readonly #named = new Set<Service>();
  #candidates = 0;
  /** No service with fewer connections can take a place. */
  #bar = 0;

  /** @param limit how many services are named */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** One more connection to a service, an endpoint index of `names`: where it counts. */
  connected(key: number, names: Names): ServiceTally {
    const service = this.#byKey.get(key) ?? this.#meet(key, names.nameOfEndpoint(key));
    service.connections++;
    this.#consider(service);
    return this.#tallyOf(service);
  }

  /** Where what happens at a service counts now. */
  of(key: number, names: Names): ServiceTally {
    const service = this.#byKey.get(key) ?? this.#byName.get(names.nameOfEndpoint(key));
    return service === undefined ? this.others : this.#tallyOf(service);
  }

  /** Connections that a service is known to have had from elsewhere: those begun before the capture show no handshake. */
  hasConnections(name: string, connections: number): void {
    const service = this.#byName.get(name) ?? this.#add(name, null);
    service.connections = Math.max(service.connections, connections);
    this.#consider(service);
  }

  /** The named services, ordered by name. */
  *named(): Iterable<[name: string, tally: ServiceTally]> {
    const ordered = [...this.#named].sort((one, other) => (one.name < other.name ? -1 : 1));
    for (const service of ordered) yield [service.name, this.#tallyOf(service)];
  }

  #tallyOf({ named, tally }: Service): ServiceTally {
    return (named ? tally : null) ?? this.others;
  }

  #meet(key: number, name: string): Service {
    const service = this.#byName.get(name) ?? this.#add(name, key);
    service.key = key;
    this.#byKey.set(key, service);
    return service;
  }

  #add(name: string, key: number | null): Service {
    if (this.#candidates >= MOST_CANDIDATES) this.#thin();
    const service: Service = { name, key, connections: 0, tally: null, named: false };
    this.#byName.set(name, service);
    this.#candidates++;
    return service;
  }

  /**
   * Too many are known: all candidates lose as many connections as the least of them has, and who has none left is forgotten
   * (Misra and Gries: who has more than one in `MOST_CANDIDATES` of all connections stays). Each connection pays for one such loss.
   */
  #thin(): void {
    let least = Infinity;
    for (const { tally, connections } of this.#byName.values()) if (tally === null) least = Math.min(least, connections);
    for (const service of this.#byName.values()) {
      if (service.tally !== null) continue;
      service.connections -= least;
      if (service.connections > 0) continue;
      this.#byName.delete(service.name);
      if (service.key !== null) this.#byKey.delete(service.key);
      this.#candidates--;
    }
  }

  #consider(service: Service): void {
    if (service.named || service.connections < this.#bar || this.#limit === 0) return;
    if (this.#named.size >= this.#limit) {
      let weakest = service;
      for (const each of this.#named) if (weakest === service || each.connections < weakest.connections) weakest = each;
      this.#bar = Math.max(1, weakest.connections * 2);
      if (service.connections < this.#bar) return;
      weakest.named = false;
      this.#named.delete(weakest);
    }
    if (service.tally === null) {
      service.tally = new ServiceTally();
      this.#candidates--;
    }
    service.named = true;
    this.#named.add(service);
  }
}
