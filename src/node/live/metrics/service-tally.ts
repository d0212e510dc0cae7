import { OUTCOMES } from '../../../core/index.ts';
import { LatencyHistogram } from './latency-histogram.ts';

/** What is counted for the connections to a service, or to several together. No count ever falls. */
export class ServiceTally {
  /** Attempts: first SYNs. */
  attempts = 0;
  /** The ACK of the SYN-ACK was captured. */
  completed = 0;
  /** Answered by a RST. */
  refused = 0;
  /** The client's RST came after the SYN-ACK, before anything else. */
  aborted = 0;
  /** Retransmitted segments of both ends. */
  retransmitted = 0;
  /** Connections that have ended, by index into OUTCOMES. */
  readonly ended = new Float64Array(OUTCOMES.length);
  /** From the SYN to the SYN-ACK: the way to the server and back, and the server's kernel. */
  readonly synAck = new LatencyHistogram();
  /** From the SYN-ACK to the ACK: the way to the client and back. */
  readonly ack = new LatencyHistogram();
}
