// node tools/score-cases.js TABLE [-v]: how often the state in which a test suite says that a host receives a segment is the one that
// the engine says the host is in. TABLE has a case a line, separated by tabs, with the columns `capture` (a path from the table's
// folder), `event` ("fin-ack"), `state_when_event_arrives` ("syn-sent") and `host_under_test` (address:port); -v names the cases
// that differ. FreeBSD's suite as captures is such a table.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled } from './project.js';

/** A capture does not show these before the event: no segment comes from such an end. */
const UNSHOWN = new Set(['CLOSED', 'LISTEN']);
/** In these a host has not sent its FIN yet. */
const BEFORE_FIN = new Set(['SYN_SENT', 'SYN_RECEIVED', 'ESTABLISHED', 'CLOSE_WAIT']);

const { values, positionals } = parseArgs({ options: { verbose: { type: 'boolean', short: 'v' } }, allowPositionals: true });
const [table] = positionals;
if (table === undefined) {
  process.stderr.write('score-cases: name a table of cases: node tools/score-cases.js TABLE\n');
  process.exit(2);
}
ensureInstalled();
ensureBuilt('program');
const { Engine } = await import('../dist/src/core/engine.js');
const { formatEndpoint, parseAddress } = await import('../dist/src/core/wire/address.js');

/** Rows of a table with a heading, as objects. @param {string} text @returns {{[column: string]: string}[]} */
function parseTable(text) {
  const [heading, ...lines] = text.split('\n').filter((line) => line !== '');
  const columns = heading.split('\t');
  return lines.map((line) => Object.fromEntries(line.split('\t').map((value, index) => [columns[index], value])));
}

/** An address, also IPv6 without brackets, and a port after the last colon, as the rows write them. @param {string} host */
function endpointOf(host) {
  const colon = host.lastIndexOf(':');
  const address = parseAddress(host.slice(0, colon).replace(/^\[|\]$/g, ''));
  return address === null ? host : formatEndpoint(...address, Number(host.slice(colon + 1)));
}

/** "syn-rcvd" as the contract writes it. @param {string} state */
function stateOf(state) {
  return state.toUpperCase().replaceAll('-', '_').replace('RCVD', 'RECEIVED');
}

/** Is a segment of the kind that an event's name says ("fin-ack"), by the flags that make a difference? @param {string} flags @param {string} event */
function isOfKind(flags, event) {
  const wanted = event.split('-').map((word) => word[0].toUpperCase());
  return ['S', 'R', 'F', 'A'].every((flag) => flags.includes(flag) === wanted.includes(flag));
}

/** The packet rows and the changes of state of a capture. @param {string} path */
function analyse(path) {
  const packets = [];
  const changes = [];
  const engine = new Engine({}, { packet: (row) => packets.push(row), timeline: (change, by) => changes.push(by.timelineRow(change)) });
  engine.open(path, null);
  engine.push(readFileSync(path));
  engine.close();
  engine.finish();
  return { packets, changes };
}

/** What is compared at the last of some segments; of none there is nothing. */
class Comparison {
  compared = 0;
  agreed = 0;
  possible = 0;
  size = 0;

  /** @param {{packet: number}[]} events @param {{packet: number, state: string, possible: string[]}[]} changes of the host @param {string} state that it is in @returns {string | null} what is said instead */
  add(events, changes, state) {
    const event = events.at(-1);
    if (event === undefined) return null;
    const said = changes.filter(({ packet }) => packet < event.packet).at(-1);
    this.compared += 1;
    this.agreed += said?.state === state ? 1 : 0;
    this.possible += said?.possible.includes(state) === true ? 1 : 0;
    this.size += said?.possible.length ?? 0;
    return said?.state === state ? null : (said?.state ?? 'nothing');
  }

  summary() {
    const { compared, agreed, possible, size } = this;
    const share = (count) => ((100 * count) / compared).toFixed(1);
    return `${share(agreed)} % of ${compared}; possible in ${share(possible)} %, mean size ${(size / compared).toFixed(2)}`;
  }
}

const last = new Comparison();
const timely = new Comparison();
for (const { capture, event, state_when_event_arrives: when, host_under_test: host } of parseTable(readFileSync(table, 'utf8'))) {
  const state = stateOf(when ?? '');
  if (state === '' || UNSHOWN.has(state)) continue;
  const end = endpointOf(host);
  const { packets, changes } = analyse(join(dirname(table), capture));
  const events = packets.filter(({ to, flags }) => to === end && isOfKind(flags, event));
  const own = changes.filter(({ local }) => local === end);
  const said = last.add(events, own, state);
  if (said !== null && values.verbose) process.stdout.write(`${capture}: ${state}, not ${said}, at the last such segment\n`);
  const fin = packets.find(({ from, flags }) => from === end && flags.includes('F'))?.packet ?? Infinity;
  const misses = timely.add(BEFORE_FIN.has(state) ? events.filter(({ packet }) => packet < fin) : events, own, state);
  if (misses !== null && values.verbose) process.stdout.write(`${capture}: ${state}, not ${misses}\n`);
}
if (last.compared === 0) {
  process.stderr.write(`score-cases: no case in ${table} names a state, an event and a host\n`);
  process.exit(1);
}
process.stdout.write(`the last segment of the event's kind that reaches the host: ${last.summary()}\n`);
process.stdout.write(`the last one before the host's own FIN, where the state comes before one: ${timely.summary()}\n`);
