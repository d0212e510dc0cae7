import type { HostFigures, ServerFigures } from '../rules/rule.ts';
import { SlotNumbers } from '../rules/slot-numbers.ts';

/* Counters of a server. */
const ACCEPTED = 0;
const SEGMENTS = 1;
const CLIENT_SEGMENTS = 2;
const CONNECTIONS = 3;
/* Counters of a host. */
const OPENED = 0;
const TAKEN = 1;

/**
 * Counters of all server endpoints and hosts, by their indices: what several rules would count for themselves, for every connection. A few
 * words each, so that none need be left out, as of the accounts (`servers.ts`).
 */
export class Figures {
  private readonly endpoints = new SlotNumbers(4);
  private readonly hosts = new SlotNumbers(2);

  /** A flow to the server has begun. */
  begun(server: number): void {
    this.endpoints.add(server, 1, CONNECTIONS);
  }

  /** A handshake was completed in sight. `server`: an endpoint; the others are hosts. */
  handshake(server: number, clientHost: number, serverHost: number): void {
    this.endpoints.add(server, 1, ACCEPTED);
    this.hosts.add(clientHost, 1, OPENED);
    this.hosts.add(serverHost, 1, TAKEN);
  }

  /** A connection has ended on which the server sent so many segments, and its client. */
  ended(server: number, segments: number, clientSegments: number): void {
    this.endpoints.add(server, segments, SEGMENTS);
    this.endpoints.add(server, clientSegments, CLIENT_SEGMENTS);
  }

  server(endpoint: number): Omit<ServerFigures, 'mostIn'> {
    return {
      connections: this.endpoints.of(endpoint, CONNECTIONS),
      accepted: this.endpoints.of(endpoint, ACCEPTED),
      segments: this.endpoints.of(endpoint, SEGMENTS),
      clientSegments: this.endpoints.of(endpoint, CLIENT_SEGMENTS),
    };
  }

  host(index: number): HostFigures {
    return { opened: this.hosts.of(index, OPENED), accepted: this.hosts.of(index, TAKEN) };
  }
}
