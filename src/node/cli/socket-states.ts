import { STATE_NAMES } from '../../core/index.ts';
import { UsageError } from './errors.ts';
import { suggestion } from '../suggest.ts';

/** States as `ss` spells them where that differs from the contract's name (dashes and underscores are one), and its groups of states. */
const SPELLINGS: { readonly [spelling: string]: readonly string[] } = {
  ESTAB: ['ESTABLISHED'],
  SYN_RECV: ['SYN_RECEIVED'],
  SYN_RCVD: ['SYN_RECEIVED'],
  CLOSE: ['CLOSED'],
  UNCONN: ['CLOSED'],
  ALL: STATE_NAMES,
  CONNECTED: STATE_NAMES.filter((name) => name !== 'LISTEN' && name !== 'CLOSED'),
  SYNCHRONIZED: STATE_NAMES.filter((name) => !['LISTEN', 'CLOSED', 'SYN_SENT', 'UNSEEN'].includes(name)),
  BUCKET: ['SYN_RECEIVED', 'TIME_WAIT'],
  BIG: STATE_NAMES.filter((name) => !['SYN_RECEIVED', 'TIME_WAIT', 'LISTEN', 'CLOSED'].includes(name)),
};

/** Numbers of the states named by `--state`. Throws `UsageError` for a name that is none. */
export function parseStates(names: readonly string[]): ReadonlySet<number> {
  const known = [...STATE_NAMES, ...Object.keys(SPELLINGS)];
  return new Set(
    names.flatMap((given) => {
      const name = given.toUpperCase().replaceAll('-', '_');
      const states = SPELLINGS[name] ?? STATE_NAMES.filter((state) => state === name);
      if (states.length > 0) return states.map((state) => STATE_NAMES.findIndex((each) => each === state));
      const near = suggestion(name, known.map((each) => each.toLowerCase()), `the states are ${STATE_NAMES.join(', ')}`);
      throw new UsageError(`--state ${given}: no such state${near.replace(/did you mean (\w+)/, (_, word: string) => `did you mean ${word.toUpperCase()}`)}`);
    }),
  );
}
