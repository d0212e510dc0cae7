import { existsSync } from 'node:fs';
import { interfaceNames } from './interfaces.ts';
import { suggestion } from '../../suggest.ts';
import { SourceError } from './source.ts';

/** What messages of libpcap, and of programs that use it, mean. */
const DENIED = /permission|not permitted|EACCES|EPERM/i;
const NO_INTERFACE = /no such device|there is no device|doesn't exist|does not exist|no such interface/i;
const IS_DOWN = /that device is not up|isn't up|network is down/i;
const BAD_FILTER = /filter|syntax error|can't parse|unknown host|expression|illegal|port name|parse error/i;
/** Last words of tcpdump and of dumpcap when their interface is taken away. */
const INTERFACE_GONE = /interface disappeared|no longer attached/i;
/** Those of cap, when it is taken away or goes down: an assertion that fails on an error of the socket. */
const INTERFACE_LOST = /binding\.cc.*cb_packets.*`status == 0'/;
const MOST_NAMED = 8;

/** How a program gets permission to capture. */
export function deniedMessage(program: 'tcpdump' | 'dumpcap', name: string): string {
  const grant = program === 'tcpdump' ? 'sudo setcap cap_net_raw+ep "$(command -v tcpdump)"' : 'sudo usermod -aG wireshark "$USER" and log in again';
  return `${program} may not capture on ${name}: grant it with ${grant}, or run as root`;
}

/** One line for a person, from what a capture program said before it gave up. `denied`: the line for a lack of permission. */
export function complaintOf(program: string, name: string, complaint: string, denied: string): SourceError {
  if (IS_DOWN.test(complaint)) return new SourceError('interface', `${name} is down: sudo ip link set ${name} up`);
  if (NO_INTERFACE.test(complaint)) return noInterface(name);
  if (DENIED.test(complaint)) return new SourceError('denied', denied);
  const lines = complaint.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !/^Capturing on|listening on/.test(line));
  const said = lines.join(' ').replace(new RegExp(`^${program}: `), '').replace(/ See the User's Guide .*$/, '');
  if (BAD_FILTER.test(complaint)) return new SourceError('filter', `the filter is wrong: ${said} (man pcap-filter)`);
  return new SourceError('other', `${program} cannot capture on ${name}: ${said}`);
}

/** What the last words of a capture program mean, or those words themselves if people can understand them. */
export function lastWords(name: string, words: string): string {
  if (INTERFACE_GONE.test(words)) return `${name} is gone`;
  return INTERFACE_LOST.test(words) ? `${name} is down or gone` : words;
}

function noInterface(name: string): SourceError {
  if (existsSync(name)) return new SourceError('interface', `there is no interface ${name}, but a file: synoptic audit reads it`);
  const names = interfaceNames();
  const some = `there are ${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ' …' : ''}`;
  return new SourceError('interface', `there is no interface ${name}${suggestion(name, names, some)} (synoptic live --list shows all)`);
}
