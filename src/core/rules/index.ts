import { acceptQueueOverflow } from './accept-queue-overflow.ts';
import { ackFlood } from './ack-flood.ts';
import { asymmetricCapture } from './asymmetric-capture.ts';
import { backscatter } from './backscatter.ts';
import { badAck } from './bad-ack.ts';
import { badChecksum } from './bad-checksum.ts';
import { badSynAckAck } from './bad-synack-ack.ts';
import { blindRst } from './blind-rst.ts';
import { captureLoss } from './capture-loss.ts';
import { challengeAck } from './challenge-ack.ts';
import { closeWaitLeak } from './close-wait-leak.ts';
import { connectFiltered } from './connect-filtered.ts';
import { connectRefused } from './connect-refused.ts';
import { connectRejectedIcmp } from './connect-rejected-icmp.ts';
import { dataAfterClose } from './data-after-close.ts';
import { dataAfterOwnFin } from './data-after-own-fin.ts';
import { duplicate } from './duplicate.ts';
import { finWait1Stuck } from './fin-wait-1-stuck.ts';
import { finWait2Stuck } from './fin-wait-2-stuck.ts';
import { halfClose } from './half-close.ts';
import { halfOpen } from './half-open.ts';
import { handshakeAborted } from './handshake-aborted.ts';
import { handshakeIncomplete } from './handshake-incomplete.ts';
import { idleTimeoutMiddlebox } from './idle-timeout-middlebox.ts';
import { injectedData } from './injected-data.ts';
import { invalidFlags } from './invalid-flags.ts';
import { keepalive } from './keepalive.ts';
import { midstream } from './midstream.ts';
import { outOfOrder } from './out-of-order.ts';
import { outOfWindow } from './out-of-window.ts';
import { overlapConflict } from './overlap-conflict.ts';
import { paws } from './paws.ts';
import { peerVanished } from './peer-vanished.ts';
import { pmtuBlackhole } from './pmtu-blackhole.ts';
import { portExhaustion } from './port-exhaustion.ts';
import { portReuse } from './port-reuse.ts';
import { retransmission } from './retransmission.ts';
import { rstAbort } from './rst-abort.ts';
import { rstAfterFin } from './rst-after-fin.ts';
import { rstInjected } from './rst-injected.ts';
import type { Rule } from './rule.ts';
import { selfConnect } from './self-connect.ts';
import { simultaneousClose } from './simultaneous-close.ts';
import { simultaneousOpen } from './simultaneous-open.ts';
import { slowloris } from './slowloris.ts';
import { staleSyn } from './stale-syn.ts';
import { stealthScan } from './stealth-scan.ts';
import { synFlood } from './syn-flood.ts';
import { synOnEstablished } from './syn-on-established.ts';
import { synScanHorizontal } from './syn-scan-horizontal.ts';
import { synScanVertical } from './syn-scan-vertical.ts';
import { synWithData } from './syn-with-data.ts';
import { synAckRetransmit } from './synack-retransmit.ts';
import { tfo } from './tfo.ts';
import { timeWaitBuildup } from './time-wait-buildup.ts';
import { windowScaleMismatch } from './window-scale-mismatch.ts';
import { zeroWindow } from './zero-window.ts';

/** Every rule, in the order of docs/rules.md. A new rule is its file and one line here. */
export const RULES: readonly Rule[] = [
  // Connections that are never closed, or not cleanly.
  closeWaitLeak,
  halfClose,
  rstAfterFin,
  rstAbort,
  rstInjected,
  blindRst,
  dataAfterClose,
  dataAfterOwnFin,
  simultaneousClose,
  finWait1Stuck,
  finWait2Stuck,
  timeWaitBuildup,
  portExhaustion,
  // Opening.
  synFlood,
  acceptQueueOverflow,
  connectRefused,
  connectFiltered,
  connectRejectedIcmp,
  handshakeIncomplete,
  handshakeAborted,
  synAckRetransmit,
  badSynAckAck,
  synWithData,
  tfo,
  portReuse,
  staleSyn,
  synOnEstablished,
  simultaneousOpen,
  selfConnect,
  // Connections that stall or die.
  peerVanished,
  idleTimeoutMiddlebox,
  halfOpen,
  pmtuBlackhole,
  zeroWindow,
  windowScaleMismatch,
  keepalive,
  retransmission,
  outOfOrder,
  // Numbers and flags.
  badAck,
  challengeAck,
  outOfWindow,
  overlapConflict,
  injectedData,
  paws,
  invalidFlags,
  // Floods and scans.
  ackFlood,
  slowloris,
  backscatter,
  synScanVertical,
  synScanHorizontal,
  stealthScan,
  // The capture itself.
  captureLoss,
  duplicate,
  badChecksum,
  asymmetricCapture,
  midstream,
];
