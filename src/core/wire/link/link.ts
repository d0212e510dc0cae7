import type { Cursor, Next } from '../cursor.ts';

/** A link layer, or a shim between a link layer and IP. */
export interface LinkLayer {
  /** LINKTYPE_ values of the tcpdump registry whose frames begin with this layer; none for a mere shim. */
  dlt: readonly number[];
  /** EtherTypes behind which this layer stands. */
  etherTypes?: readonly number[];
  /** Name of the LINKTYPE_ without its prefix. */
  name: string;
  /** Moves the cursor beyond this layer's header and says what follows; takes at least one byte, or leaves. */
  locate(cursor: Cursor): Next;
}
