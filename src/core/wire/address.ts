/** Four 32-bit words of an address, signed; IPv4 is mapped as in Segment: (0, 0, 0xffff, address). */
export type AddressWords = readonly [number, number, number, number];

export interface Endpoint {
  address: AddressWords;
  port: number;
}

/** Prints an address: IPv4 (mapped) dotted, IPv6 as RFC 5952 asks. */
export function formatAddress(word0: number, word1: number, word2: number, word3: number): string {
  if (isIpv4(word0, word1, word2)) return `${word3 >>> 24}.${(word3 >>> 16) & 0xff}.${(word3 >>> 8) & 0xff}.${word3 & 0xff}`;
  const groups: number[] = [];
  for (const word of [word0, word1, word2, word3]) groups.push(word >>> 16, word & 0xffff);
  const [start, length] = longestZeros(groups);
  if (length < 2) return hexadecimal(groups);
  return `${hexadecimal(groups.slice(0, start))}::${hexadecimal(groups.slice(start + length))}`;
}

/** Prints an endpoint: "192.0.2.1:443", "[2001:db8::1]:443". */
export function formatEndpoint(word0: number, word1: number, word2: number, word3: number, port: number): string {
  const address = formatAddress(word0, word1, word2, word3);
  return isIpv4(word0, word1, word2) ? `${address}:${port}` : `[${address}]:${port}`;
}

/** Reads an IPv4 or IPv6 address, without brackets; null when it is none. */
export function parseAddress(text: string): AddressWords | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** Reads "192.0.2.1:443" or "[2001:db8::1]:443"; null when it is no endpoint. */
export function parseEndpoint(text: string): Endpoint | null {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const port = Number(match[3]);
  const address = match[1] === undefined ? parseIpv4(match[2]) : parseIpv6(match[1]);
  return address === null || port > 0xffff ? null : { address, port };
}

function isIpv4(word0: number, word1: number, word2: number): boolean {
  return word0 === 0 && word1 === 0 && word2 === 0xffff;
}

function hexadecimal(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}

/** Start and length of the longest run of zero groups, the first of equals (RFC 5952 §4.2.3). */
function longestZeros(groups: readonly number[]): [number, number] {
  let best: [number, number] = [0, 0];
  let start = 0;
  for (let at = 0; at < groups.length; at += 1) {
    if (groups[at] !== 0) start = at + 1;
    else if (at + 1 - start > best[1]) best = [start, at + 1 - start];
  }
  return best;
}

function parseIpv4(text: string): AddressWords | null {
  const word = parseDotted(text);
  return word === null ? null : [0, 0, 0xffff, word];
}

function parseDotted(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let word = 0;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 0xff) return null;
    word = (word << 8) | Number(part);
  }
  return word;
}

function parseIpv6(text: string): AddressWords | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0], halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1], true) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return [0, 2, 4, 6].map((at) => (groups[at] << 16) | groups[at + 1]) as [number, number, number, number];
}

/** Groups of an IPv6 address' text; the last of all may be dotted. */
function parseGroups(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    if (last && at === parts.length - 1 && part.includes('.')) {
      const word = parseDotted(part);
      if (word === null) return null;
      groups.push(word >>> 16, word & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}
