import type { FlowRow } from '../../../core/index.ts';
import { endpointParts, OUTCOMES, parseAddress, parseEndpoint, RULES, STATE_NAMES } from '../../../core/index.ts';
import { suggestion } from '../../suggest.ts';

/** A malformed filter. `message` is one line: what is wrong and what would be right. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
}

export type FlowTest = (row: FlowRow) => boolean;

/** Four 32-bit words, and how many of their leading bits count. */
interface Network {
  words: readonly number[];
  bits: number;
}

/** What each field makes of one value. Throws `FilterError`. */
const FIELDS: { readonly [field: string]: (value: string) => FlowTest } = {
  state: stateTest,
  port: portTest,
  host: hostTest,
  outcome(value) {
    const outcome = oneOf('outcome', value.toLowerCase(), OUTCOMES);
    return (row) => row.outcome === outcome;
  },
  rule(value) {
    const rule = oneOf('rule', value.toLowerCase(), RULES.map(({ id }) => id));
    return (row) => row.findings.includes(rule);
  },
};

/** For the help and for messages. */
export const FILTER_EXAMPLE = 'state:CLOSE_WAIT port:8080 host:10.0.0.0/8 rule:rst-abort outcome:reset';

const NAMES = Object.keys(FIELDS);

/** Part of an address or endpoint, as a word without a field: no field's name looks like one. */
const PART_OF_ENDPOINT = /^[0-9a-f.:[\]]+$/i;

/**
 * A filter of flows: words that must all hold. A word is `FIELD:VALUE`, `FIELD:VALUE,VALUE` (either of them), or part of an
 * endpoint; `-` or `!` before it makes it its opposite. Null for a filter of no words.
 *
 * Throws `FilterError`.
 */
export function parseFlowFilter(text: string): FlowTest | null {
  const tests = text.split(/\s+/).filter((word) => word !== '').map(parseWord);
  if (tests.length === 0) return null;
  return (row) => tests.every((test) => test(row));
}

function parseWord(word: string): FlowTest {
  const isOpposite = /^[-!]/.test(word);
  const test = parseTerm(isOpposite ? word.slice(1) : word);
  return isOpposite ? (row) => !test(row) : test;
}

function parseTerm(term: string): FlowTest {
  if (PART_OF_ENDPOINT.test(term)) {
    const part = term.toLowerCase();
    return ({ client, server }) => client.includes(part) || server.includes(part);
  }
  const colon = term.indexOf(':');
  if (colon < 0) throw new FilterError(`${term}: write FIELD:VALUE (fields: ${NAMES.join(', ')}) or part of an address`);
  const field = term.slice(0, colon).toLowerCase();
  const make = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
  if (make === undefined) throw new FilterError(`${field}: no such field${suggestion(field, NAMES, `the fields are ${NAMES.join(', ')}`)}`);
  const values = term.slice(colon + 1).split(',').filter((value) => value !== '');
  if (values.length === 0) throw new FilterError(`${field}: needs a value, as in ${FILTER_EXAMPLE.split(' ').find((word) => word.startsWith(field))}`);
  const tests = values.map(make);
  return (row) => tests.some((test) => test(row));
}

/** The known name that was typed, or the only one that begins with it. */
function oneOf<Name extends string>(field: string, typed: string, names: readonly Name[]): Name {
  const exact = names.find((name) => name === typed);
  const [first, second] = names.filter((name) => name.startsWith(typed));
  if (exact !== undefined) return exact;
  if (first !== undefined && second === undefined) return first;
  const listing = first === undefined ? (names.length > 12 ? 'synoptic rules lists them' : `there are ${names.join(', ')}`) : `${first} or ${second}?`;
  throw new FilterError(`${field}:${typed}: no such ${field}${first === undefined ? suggestion(typed, names, listing) : `; ${listing}`}`);
}

/** Either end is in a state whose name begins with this: `FIN_WAIT` stands for two. */
function stateTest(value: string): FlowTest {
  const typed = value.toUpperCase().replaceAll('-', '_');
  const states: ReadonlySet<string> = new Set(STATE_NAMES.includes(typed as never) ? [typed] : STATE_NAMES.filter((name) => name.startsWith(typed)));
  if (states.size === 0) {
    const near = suggestion(typed.toLowerCase(), STATE_NAMES.map((name) => name.toLowerCase()), `there are ${STATE_NAMES.join(', ')}`);
    throw new FilterError(`state:${value}: no such state${near.replace(/did you mean (.*)\?/, (_, name: string) => `did you mean ${name.toUpperCase()}?`)}`);
  }
  return ({ client_state, server_state }) => states.has(client_state) || states.has(server_state);
}

function portTest(value: string): FlowTest {
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value) ?? [];
  const [least, most] = [Number(from), Number(to)];
  if (from === undefined || most > 0xffff || least > most) throw new FilterError(`port:${value}: write a port from 0 to 65535, or a range as 8000-8099`);
  const holds = (endpoint: string): boolean => {
    const port = Number(endpointParts(endpoint).port);
    return port >= least && port <= most;
  };
  return ({ client, server }) => holds(server) || holds(client);
}

function hostTest(value: string): FlowTest {
  const network = parseNetwork(value);
  if (network === null) throw new FilterError(`host:${value}: write an address or a network, as in host:10.0.0.7, host:10.0.0.0/8 or host:2001:db8::/32`);
  const holds = (endpoint: string): boolean => {
    const address = parseEndpoint(endpoint)?.address;
    return address !== undefined && isIn(address, network);
  };
  return ({ client, server }) => holds(server) || holds(client);
}

/** `10.0.0.0/8`, `[2001:db8::]/32`, or an address as a network of one. Null if it is neither. */
function parseNetwork(text: string): Network | null {
  const [, name, length] = /^\[?([^/\]]+)\]?(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const words = name === undefined ? null : parseAddress(name);
  if (words === null) return null;
  const width = name.includes(':') ? 128 : 32;
  const bits = length === undefined ? width : Number(length);
  return bits > width ? null : { words, bits: 128 - width + bits };
}

function isIn(address: readonly number[], { words, bits }: Network): boolean {
  return words.every((word, index) => {
    const counted = Math.max(0, Math.min(32, bits - 32 * index));
    const mask = counted === 0 ? 0 : -1 << (32 - counted);
    return ((word ^ address[index]) & mask) === 0;
  });
}
