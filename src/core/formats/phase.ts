/** The phase of a connection that a state belongs to, for colours. `waiting`: for the end's own program to close. */
export type Phase = 'opening' | 'established' | 'closing' | 'waiting' | 'closed';

/** Phases by name of state; UNSEEN has none. */
export const PHASE_OF_STATE: { readonly [state: string]: Phase | undefined } = {
  CLOSED: 'closed',
  LISTEN: 'opening',
  SYN_SENT: 'opening',
  SYN_RECEIVED: 'opening',
  ESTABLISHED: 'established',
  CLOSE_WAIT: 'waiting',
  FIN_WAIT_1: 'closing',
  FIN_WAIT_2: 'closing',
  CLOSING: 'closing',
  LAST_ACK: 'closing',
  TIME_WAIT: 'closed',
};
