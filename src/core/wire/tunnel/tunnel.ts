import type { Cursor, Next } from '../cursor.ts';

/** A way to carry packets within IP packets. */
export interface Tunnel {
  /** Segment.tunnel; never 0, never given to another tunnel. */
  code: number;
  /** What reports call it. */
  name: string;
  /** IP protocol numbers behind which it stands; `carrier`: only within this IP version. */
  protocols?: readonly number[];
  carrier?: 4 | 6;
  /** EtherTypes, as GRE names what it carries. */
  etherTypes?: readonly number[];
  /** UDP ports registered for it, or in wide use. */
  ports?: readonly number[];
  /** Whether it is strict enough to be looked for on other UDP ports, too. */
  anyPort?: boolean;
  /**
   * Moves the cursor beyond the header, sets `tunnelId` and says what follows, or leaves (NOT_TCP: this is not the tunnel, or
   * carries no packet). Takes at least one byte, or a step further in.
   */
  enter(cursor: Cursor): Next;
}
