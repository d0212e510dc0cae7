import type { SocketChangeRow } from '../../core/index.ts';
import { STATE_NAMES } from '../../core/index.ts';
import type { SocketFilter, Sockets } from './sockets.ts';
import { endsThat } from './sockets.ts';

const CLOSED = STATE_NAMES.indexOf('CLOSED');

/**
 * What appeared, went or changed its state between two instants of one capture: those that appeared first, then those that changed,
 * then those that went; within these by state and address. A filter of states asks for ends that are in one of them at either instant.
 */
export function* changesBetween(earlier: Sockets, later: Sockets, filter: SocketFilter = {}): Generator<SocketChangeRow> {
  const { states } = filter;
  const isAskedFor = (end: number): boolean => {
    const [was, is] = [earlier.state(end), later.state(end)];
    return was !== is && (states === undefined || states.has(was) || states.has(is)) && later.isWanted(end, filter);
  };
  const rank = (end: number): number => (earlier.state(end) === CLOSED ? 0 : later.state(end) === CLOSED ? 2 : 1);
  const sorted = endsThat(isAskedFor, later.ends).sort(
    (one, other) =>
      rank(one) - rank(other) || later.state(one) - later.state(other) || earlier.state(one) - earlier.state(other) || later.compare(one, other),
  );
  for (const end of sorted) {
    const [was, is] = [earlier.state(end), later.state(end)];
    yield {
      change: was === CLOSED ? 'appeared' : is === CLOSED ? 'went' : 'changed',
      local: later.endpoint(end),
      remote: later.endpoint(end ^ 1),
      was: was === CLOSED ? null : STATE_NAMES[was],
      is: is === CLOSED ? null : STATE_NAMES[is],
      possible: later.possible(end),
      since_ns: later.since(end) ?? 0n,
      flow: end >>> 1,
      proof: later.proof(end),
    };
  }
}
