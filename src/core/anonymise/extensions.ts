import { AUTHENTICATION, DESTINATION_OPTIONS, EXTENSION, extensionLength, FRAGMENT, HOP_BY_HOP, isExtension } from '../wire/ipv6.ts';

const AUTHENTICATION_FIXED = 12;

/** Where a walk over extension headers ended: at a header of `protocol`, or at the data of a fragment. */
export interface ExtensionsEnd {
  at: number;
  protocol: number;
  /** Set if a fragment header ended the walk: its data are at this offset of the datagram. */
  fragment: { offset: number } | null;
}

/** Called for each extension header except fragment headers. */
type Visit = (at: number, length: number, protocol: number) => void;

/** Walks the extension headers from `from` on; the first one is of protocol `first`. Null if they are cut. */
export function walkExtensions(bytes: Uint8Array, view: DataView, from: number, end: number, first: number, visit?: Visit): ExtensionsEnd | null {
  let at = from;
  let protocol = first;
  for (;;) {
    if (!isExtension(protocol)) return { at, protocol, fragment: null };
    if (at + EXTENSION > end) return null;
    const next = bytes[at];
    if (protocol === FRAGMENT) {
      const field = view.getUint16(at + 2);
      at += EXTENSION;
      if ((field & 0xfff9) !== 0) return { at, protocol: next, fragment: { offset: field & 0xfff8 } };
      protocol = next;
      continue;
    }
    const length = extensionLength(bytes, at, protocol);
    if (at + length > end) return null;
    visit?.(at, length, protocol);
    at += length;
    protocol = next;
  }
}

/** Overwrites the content of extension headers with zeros, except types, lengths and segments left. */
export function wipeExtensions(bytes: Uint8Array, view: DataView, from: number, end: number, first: number): void {
  walkExtensions(bytes, view, from, end, first, (at, length, protocol) => wipe(bytes, at, length, protocol));
}

function wipe(bytes: Uint8Array, at: number, length: number, protocol: number): void {
  switch (protocol) {
    case HOP_BY_HOP:
    case DESTINATION_OPTIONS:
      wipeOptions(bytes, at + 2, at + length);
      break;
    case AUTHENTICATION:
      bytes.fill(0, at + AUTHENTICATION_FIXED, at + length);
      break;
    default:
      // Type and segments left of a routing header are in its third and fourth byte.
      bytes.fill(0, at + 4, at + length);
  }
}

/** Types and lengths stay, so that a home address can still be recognised. */
function wipeOptions(bytes: Uint8Array, from: number, end: number): void {
  for (let at = from; at < end; ) {
    if (bytes[at] === 0 || at + 1 >= end) {
      at += 1;
      continue;
    }
    const length = bytes[at + 1];
    bytes.fill(0, at + 2, Math.min(end, at + 2 + length));
    at += 2 + length;
  }
}
