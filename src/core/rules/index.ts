import { acceptQueueOverflow } from './accept-queue-overflow.ts';
import { asymmetricCapture } from './asymmetric-capture.ts';
import { badAck } from './bad-ack.ts';
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
import { halfClose } from './half-close.ts';
import { handshakeAborted } from './handshake-aborted.ts';
import { handshakeIncomplete } from './handshake-incomplete.ts';
import { invalidFlags } from './invalid-flags.ts';
import { midstream } from './midstream.ts';
import { portReuse } from './port-reuse.ts';
import { rstAbort } from './rst-abort.ts';
import { rstAfterFin } from './rst-after-fin.ts';
import { rstInjected } from './rst-injected.ts';
import type { Rule } from './rule.ts';
import { selfConnect } from './self-connect.ts';
import { simultaneousClose } from './simultaneous-close.ts';
import { simultaneousOpen } from './simultaneous-open.ts';
import { staleSyn } from './stale-syn.ts';
import { stealthScan } from './stealth-scan.ts';
import { synAckRetransmit } from './synack-retransmit.ts';
import { synFlood } from './syn-flood.ts';
import { synOnEstablished } from './syn-on-established.ts';
import { synScanHorizontal } from './syn-scan-horizontal.ts';
import { synScanVertical } from './syn-scan-vertical.ts';
import { synWithData } from './syn-with-data.ts';
import { tfo } from './tfo.ts';

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
  // Numbers and flags.
  badAck,
  challengeAck,
  invalidFlags,
  // Scans.
  synScanVertical,
  synScanHorizontal,
  stealthScan,
  // The capture itself.
  captureLoss,
  asymmetricCapture,
  midstream,
];
