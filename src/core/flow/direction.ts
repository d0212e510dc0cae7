/** Log-odds that an end is the server, from field practice. They are explained in docs/architecture.md, "Which end is the client". */
const LISTENER_SEEN = 6;
const EPHEMERAL_PEER = 2;
const WELL_KNOWN = 2;
const LOWER_PORT = 0.5;
const SPEAKING_PEER = 1;

/** Ports of common services, beyond the system ports below 1024. */
const SERVICE_PORTS: ReadonlySet<number> = new Set([
  1433, 1521, 1723, 1883, 2049, 2181, 2379, 3000, 3128, 3260, 3306, 3389, 4222, 4317, 5000, 5060, 5222, 5432, 5601, 5671, 5672, 5900, 5984, 6379, 6443, 7001,
  7077, 8000, 8008, 8080, 8081, 8086, 8088, 8125, 8161, 8181, 8200, 8300, 8443, 8500, 8888, 9000, 9042, 9090, 9092, 9100, 9200, 9300, 9418, 11211, 15672,
  25565, 26379, 27017, 50051,
]);

function isService(port: number): boolean {
  return (port > 0 && port < 1024) || SERVICE_PORTS.has(port);
}

function isEphemeral(port: number): boolean {
  return port >= 32_768;
}

/** What is known of an end whose flow shows no handshake. */
export interface DirectionEvidence {
  port: number;
  /** Its address and port received a SYN, or sent a SYN-ACK, in another flow. */
  listens: boolean;
  /** It has sent payload, its peer none: clients usually speak first. */
  hasAloneSpoken: boolean;
}

/** Log-odds that `one` is the server and `other` the client: positive if that is the likelier. */
export function oddsOfServer(one: DirectionEvidence, other: DirectionEvidence): number {
  return evidenceFor(one, other) - evidenceFor(other, one);
}

function evidenceFor(end: DirectionEvidence, peer: DirectionEvidence): number {
  let odds = 0;
  if (end.listens) odds += LISTENER_SEEN;
  if (isEphemeral(peer.port) && !isEphemeral(end.port)) odds += EPHEMERAL_PEER;
  if (isService(end.port)) odds += WELL_KNOWN;
  if (end.port < peer.port) odds += LOWER_PORT;
  if (peer.hasAloneSpoken) odds += SPEAKING_PEER;
  return odds;
}

/** Probability, 0.5 to 1, of the likelier of two alternatives with these log-odds. */
export function probability(odds: number): number {
  return 1 / (1 + Math.exp(-Math.abs(odds)));
}
