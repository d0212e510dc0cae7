/** What an end in a state is at, for whoever colours states. `waiting`: for its own program to close. */
export type Phase = 'opening' | 'established' | 'closing' | 'waiting' | 'closed';

/** By state name; an end that is UNSEEN is in none. */
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
