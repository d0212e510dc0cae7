import { OUTCOMES, STATE_NAMES } from '../../../core/index.ts';
import { type Labels, type Metric, type Moment, OTHER } from './metric.ts';
import type { ServiceTally } from './service-tally.ts';

function* tallies({ services }: Moment): Iterable<readonly [string, ServiceTally]> {
  yield* services.named();
  yield [OTHER, services.others];
}

function eachTally<Value>(moment: Moment, value: (tally: ServiceTally) => Value): (readonly [Labels, Value])[] {
  return [...tallies(moment)].map(([service, tally]) => [{ service }, value(tally)] as const);
}

/** The ends of servers by state; services that are not named are summed. Zeros are written, so that series do not come and go. */
function* endsByState({ servers, services }: Moment): Iterable<readonly [Labels, number]> {
  const sums = new Map<string, Map<string, number>>();
  for (const [service] of services.named()) sums.set(service, new Map());
  sums.set(OTHER, new Map());
  for (const { endpoint, states_at_end: states } of servers) {
    const sum = sums.get(endpoint) ?? sums.get(OTHER);
    for (const [state, ends] of Object.entries(states)) sum?.set(state, (sum.get(state) ?? 0) + ends);
  }
  for (const [service, sum] of sums) {
    for (const state of SERVER_STATES) yield [{ service, state }, sum.get(state) ?? 0];
  }
}

/** States in which a server's end can be found. */
const SERVER_STATES = STATE_NAMES.filter((state) => state !== 'UNSEEN' && state !== 'LISTEN');

/** Metrics by service: the busiest ones are named, the rest summed as `other`. */
export const SERVICE_METRICS: readonly Metric[] = [
  {
    name: 'synoptic_service_ends',
    type: 'gauge',
    help: 'Ends of a server, by the state that each is in.',
    labels: ['service', 'state'],
    read: endsByState,
  },
  {
    name: 'synoptic_handshake_attempts_total',
    type: 'counter',
    help: 'Attempts to connect: first SYNs, those sent again not counted.',
    labels: ['service'],
    read: (moment) => eachTally(moment, ({ attempts }) => attempts),
  },
  {
    name: 'synoptic_handshakes_total',
    type: 'counter',
    help: 'Handshakes that were completed, refused (a RST answers the SYN) or aborted (the client resets after the SYN-ACK). Attempts beyond these are not answered.',
    labels: ['service', 'outcome'],
    *read(moment) {
      for (const [service, { completed, refused, aborted }] of tallies(moment)) {
        yield [{ service, outcome: 'completed' }, completed];
        yield [{ service, outcome: 'refused' }, refused];
        yield [{ service, outcome: 'aborted' }, aborted];
      }
    },
  },
  {
    name: 'synoptic_handshake_synack_seconds',
    type: 'histogram',
    help: 'Time from the SYN to the SYN-ACK at the capture point: the way to the server and back, and its kernel.',
    labels: ['service'],
    read: (moment) => eachTally(moment, ({ synAck }) => synAck),
  },
  {
    name: 'synoptic_handshake_ack_seconds',
    type: 'histogram',
    help: 'Time from the SYN-ACK to the ACK that completes the handshake: the way to the client and back.',
    labels: ['service'],
    read: (moment) => eachTally(moment, ({ ack }) => ack),
  },
  {
    name: 'synoptic_service_retransmitted_segments_total',
    type: 'counter',
    help: 'Data segments that sent something again, by the service of their connection; both directions.',
    labels: ['service'],
    read: (moment) => eachTally(moment, ({ retransmitted }) => retransmitted),
  },
  {
    name: 'synoptic_connections_ended_total',
    type: 'counter',
    help: 'Connections that have ended, by outcome: once both ends are closed, or when they made room for others or for a new one on their ports.',
    labels: ['service', 'outcome'],
    *read(moment) {
      for (const [service, { ended }] of tallies(moment)) {
        for (const [index, outcome] of OUTCOMES.entries()) yield [{ service, outcome }, ended[index] ?? 0];
      }
    },
  },
];
