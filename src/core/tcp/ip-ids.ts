import { type Columns, Mark } from '../flow/columns.ts';
import type { Segment } from '../wire/segment.ts';

/** IP-IDs that a captured frame may have taken: segmentation offload sends up to 64 KiB at once. */
const IDS_A_FRAME = 64;
/** A late segment bears one of so many numbers before the last. Further back is no sign: a host that counts for all its connections may have gone round. */
const IDS_BACK = 64;

/**
 * What the IP-ID of the present segment tells. Many stacks number the packets of a connection one by one (RFC 6864 leaves it free): then
 * it tells how many of them the capture has not, and that one was sent before. Known of all but the ordinary segments of an established
 * connection, and RSTs.
 */
export class IpIds {
  /** How many its sender skipped since its latest segment before that was no ordinary one, and whether that was its last. */
  skipped = 0;
  areSkippedLast = false;
  /** It is that of a segment sent before: what this one carries comes late, or is a copy of the network's, and was not sent again. */
  isFromBefore = false;

  /** `segment` is the present one, of `sender`, which has been counted among its packets. */
  note(columns: Columns, { ipId }: Segment, sender: number): void {
    const sent = columns.packets[sender];
    const frames = sent - columns.ipIdPackets[sender];
    const counted = (ipId - columns.ipId[sender]) & 0xffff;
    this.skipped = 0;
    this.areSkippedLast = frames === 1;
    this.isFromBefore = false;
    if (ipId !== 0 && columns.ipId[sender] !== 0 && sent > 1) {
      if (counted === frames) columns.marks[sender] |= Mark.COUNTS_IDS;
      else {
        this.skipped = Math.max(0, counted - frames);
        this.isFromBefore = (columns.marks[sender] & Mark.COUNTS_IDS) !== 0 && ((0x1_0000 - counted) & 0xffff) <= Math.min(IDS_BACK, sent);
      }
    }
    if (this.isFromBefore) return;
    columns.ipId[sender] = ipId;
    columns.ipIdPackets[sender] = sent;
  }
}

/** A sender that numbers its packets one by one goes on; a host without a socket (Linux) has IP-ID 0. `aborts`: the RST claims to come from a live socket. */
export function isOtherCount(columns: Columns, { ipId }: Segment, sender: number, aborts: boolean): boolean {
  if ((columns.marks[sender] & Mark.COUNTS_IDS) === 0) return false;
  if (ipId === 0) return aborts;
  const frames = columns.packets[sender] - columns.ipIdPackets[sender];
  const counted = (ipId - columns.ipId[sender]) & 0xffff;
  return counted === 0 || counted > frames * IDS_A_FRAME;
}
