import type { Cursor, Next } from '../cursor.ts';

/** A link layer, or a shim between a link layer and IP. */
export interface LinkLayer {
  /** LINKTYPE_ values of the tcpdump registry whose frames begin with this layer; none for a shim. */
  dlt: readonly number[];
  /** EtherTypes that this layer follows. */
  etherTypes?: readonly number[];
  /** Name of the LINKTYPE_ without its prefix. */
  name: string;
  /** Moves the cursor behind the header of this layer and returns what follows. It consumes at least one byte, or leaves. */
  locate(cursor: Cursor): Next;
}
