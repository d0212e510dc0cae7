import { QuantileSketch } from '../rules/statistics/quantile-sketch.ts';
import { STATE_COUNT, STATE_NAMES, UNSEEN } from '../tcp/state.ts';
import { OUTCOMES, type ServerRow, type StateCounts } from './report.ts';

/** Most servers with an account. If there are more, those make room that have no open flow and the fewest flows. */
const TRACKED = 16_384;
const DROPPED_AT_ONCE = 2_048;
/** Rows in the report: the servers with the most flows. */
const LISTED = 100;

interface ServerAccount {
  flows: number;
  readonly outcomes: Int32Array;
  readonly population: Int32Array;
  readonly peak: Int32Array;
  handshake: QuantileSketch | null;
  closedFirstByClient: number;
  closedFirstByServer: number;
  bytes: number;
  retransmittedBytes: number;
  closeWait: QuantileSketch | null;
  closeWaitOpen: number;
}

/** What the report says of each server endpoint, gathered as flows change and end. */
export class ServerAccounts {
  private readonly accounts = new Map<number, ServerAccount>();
  /** Requests for an account when there was no room. Room is sought only once in a while, not for each of them. */
  private refused = 0;

  /** A flow to this server (an endpoint index) has begun. */
  open(server: number): void {
    const account = this.account(server);
    if (account !== undefined) account.flows++;
  }

  /** The server's end of a flow went from one state to another; −1 for none. */
  move(server: number, former: number, state: number): void {
    const account = this.account(server);
    if (account === undefined) return;
    if (former >= 0) account.population[former]--;
    if (state < 0) return;
    const now = account.population[state] + 1;
    account.population[state] = now;
    if (now > account.peak[state]) account.peak[state] = now;
  }

  /** The server answered a captured SYN after `synAckDelay` nanoseconds. */
  answered(server: number, synAckDelay: number): void {
    const account = this.account(server);
    if (account !== undefined) (account.handshake ??= new QuantileSketch()).add(synAckDelay);
  }

  /** A flow has ended. `outcome` indexes OUTCOMES, `closer` is the end that closed first. */
  close(server: number, outcome: number, bytes: number, retransmittedBytes: number, closer: 'client' | 'server' | null): void {
    const account = this.account(server);
    if (account === undefined) return;
    account.outcomes[outcome]++;
    if (closer === 'client') account.closedFirstByClient++;
    else if (closer === 'server') account.closedFirstByServer++;
    account.bytes += bytes;
    account.retransmittedBytes += retransmittedBytes;
  }

  /** The server's end of a flow left CLOSE_WAIT after `held` nanoseconds. */
  leftCloseWait(server: number, held: number): void {
    const account = this.account(server);
    if (account === undefined) return;
    account.closeWaitOpen--;
    (account.closeWait ??= new QuantileSketch()).add(held);
  }

  /** The server's end of a flow entered CLOSE_WAIT. */
  enteredCloseWait(server: number): void {
    const account = this.account(server);
    if (account !== undefined) account.closeWaitOpen++;
  }

  /** The most ends of a server that were in a state at once so far; 0 if there was no room to count them. */
  mostIn(server: number, state: number): number {
    return this.accounts.get(server)?.peak[state] ?? 0;
  }

  /** The servers with the most flows, at most `limit` of them. */
  rows(nameOf: (server: number) => string, limit = LISTED): ServerRow[] {
    return [...this.accounts]
      .sort(([one, a], [other, b]) => b.flows - a.flows || one - other)
      .slice(0, limit)
      .map(([server, account]) => rowOf(nameOf(server), account));
  }

  private account(server: number): ServerAccount | undefined {
    let account = this.accounts.get(server);
    if (account === undefined && this.accounts.size >= TRACKED && this.refused++ % DROPPED_AT_ONCE === 0) this.makeRoom();
    if (account === undefined && this.accounts.size < TRACKED) {
      account = {
        flows: 0,
        outcomes: new Int32Array(OUTCOMES.length),
        population: new Int32Array(STATE_COUNT),
        peak: new Int32Array(STATE_COUNT),
        handshake: null,
        closedFirstByClient: 0,
        closedFirstByServer: 0,
        bytes: 0,
        retransmittedBytes: 0,
        closeWait: null,
        closeWaitOpen: 0,
      };
      this.accounts.set(server, account);
    }
    return account;
  }

  private makeRoom(): void {
    const over = [...this.accounts].filter(([, account]) => hasNoFlowLeft(account)).sort(([, one], [, other]) => one.flows - other.flows);
    for (const [server] of over.slice(0, DROPPED_AT_ONCE)) this.accounts.delete(server);
  }
}

/** Whether all flows to the server have ended. */
function hasNoFlowLeft({ flows, outcomes }: ServerAccount): boolean {
  return outcomes.reduce((sum, count) => sum + count, 0) === flows;
}

function rowOf(endpoint: string, account: ServerAccount): ServerRow {
  const outcomes: { [outcome: string]: number } = {};
  OUTCOMES.forEach((outcome, index) => {
    if (account.outcomes[index] > 0) outcomes[outcome] = account.outcomes[index];
  });
  const { handshake, closeWait } = account;
  const held = closeWait !== null || account.closeWaitOpen > 0;
  return {
    endpoint,
    flows: account.flows,
    outcomes,
    states_at_end: countsOf(account.population),
    peak_states: countsOf(account.peak),
    closed_first: { client: account.closedFirstByClient, server: account.closedFirstByServer },
    handshake: handshake === null ? null : quantilesOf(handshake),
    retransmitted_share: account.bytes === 0 ? 0 : account.retransmittedBytes / account.bytes,
    close_wait_seconds: held
      ? { ...(closeWait === null ? { p50: 0, p95: 0, max: 0 } : quantilesOf(closeWait)), closed: closeWait?.total ?? 0, open: account.closeWaitOpen }
      : null,
  };
}

function quantilesOf(sketch: QuantileSketch): { p50: number; p95: number; max: number } {
  return { p50: sketch.quantile(0.5) / 1e9, p95: sketch.quantile(0.95) / 1e9, max: sketch.max / 1e9 };
}

/** Counts by name of state, without UNSEEN and without zeros. */
export function countsOf(population: ArrayLike<number>): StateCounts {
  const counts: StateCounts = {};
  for (let state = 0; state < STATE_COUNT; state++) {
    if (state !== UNSEEN && population[state] > 0) counts[STATE_NAMES[state]] = population[state];
  }
  return counts;
}
