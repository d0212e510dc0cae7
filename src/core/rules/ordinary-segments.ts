import { Kind } from '../observations.ts';
import type { Observation } from '../observations.ts';

/**
 * Finds out whether a capture holds any segment without SYN, FIN and RST. Only such a one shows that a handshake was completed: where a
 * filter left them all out, a crowd of clients that were served looks as if none had ever answered a SYN-ACK.
 */
export class OrdinarySegments {
  static readonly WATCHES: readonly Kind[] = [Kind.HANDSHAKE_COMPLETED, Kind.FIRST_DATA, Kind.FIN];

  private areSeen = false;
  /** The latest packet that completed a handshake or brought data, as long as it is not known to be a FIN; and the latest FIN. */
  private candidate = 0;
  private fin = 0;

  observe({ kind, packet }: Observation): void {
    if (this.areSeen) return;
    if (kind === Kind.FIN) {
      this.fin = packet;
      if (this.candidate === packet) this.candidate = 0;
    } else if (packet !== this.fin) {
      this.areSeen = this.candidate !== 0 && this.candidate !== packet;
      this.candidate = packet;
    }
  }

  seen(): boolean {
    return this.areSeen || this.candidate !== 0;
  }
}
