import type { Cursor, Next } from '../cursor.ts';

/** A way to carry packets within IP packets. */
export interface Tunnel {
  /** The value of `Segment.tunnel`: not 0, and never reused for another tunnel. */
  code: number;
  /** Its name in reports. */
  name: string;
  /** Its IP protocol numbers; with `carrier`, only within that IP version. */
  protocols?: readonly number[];
  carrier?: 4 | 6;
  /** EtherTypes by which GRE names it. */
  etherTypes?: readonly number[];
  /** UDP ports that are registered for it or in wide use. */
  ports?: readonly number[];
  /** Whether it is also looked for on other UDP ports, since its header is strict enough. */
  anyPort?: boolean;
  /**
   * Moves the cursor behind the header, sets `tunnelId` and returns what follows; or leaves (NOT_TCP: it is not this tunnel, or it
   * carries no packet). It consumes at least one byte, or leads to a layer that does.
   */
  enter(cursor: Cursor): Next;
}
