/** Leading bytes of other content that people hand us, and what to say about it. */
const KNOWN_CONTENT: readonly (readonly [bytes: readonly number[], words: string])[] = [
  [[0x1f, 0x8b], 'gzip inside another compression: decompress it once first'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd inside another compression: decompress it once first'],
  [[0x04, 0x22, 0x4d, 0x18], 'lz4 inside another compression: decompress it once first'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz inside another compression: decompress it once first'],
  [[0x42, 0x5a, 0x68], 'bzip2: decompress it first (bunzip2)'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive: unpack it first'],
  [[0x37, 0x7a, 0xbc, 0xaf], 'a 7z archive: unpack it first'],
  [ascii('snoop\0'), 'a snoop capture: convert it with "editcap -F pcapng"'],
  [ascii('btsnoop\0'), 'a btsnoop (Bluetooth) capture: it holds no TCP'],
  [ascii('GMBU'), 'a Microsoft Network Monitor capture: convert it with "editcap -F pcapng"'],
  [ascii('RTSS'), 'a Microsoft Network Monitor capture: convert it with "editcap -F pcapng"'],
  [ascii('TRSNIFF data'), 'a Sniffer capture: convert it with "editcap -F pcapng"'],
  [ascii('iptrace '), 'an AIX iptrace capture: convert it with "editcap -F pcapng"'],
  [[0x13, 0x00], 'an ETW trace (.etl): convert it with etl2pcapng'],
  [[0x7f, 0x45, 0x4c, 0x46], 'an ELF program'],
  [ascii('%PDF'), 'a PDF document'],
  [ascii('<?xml'), 'XML text: give the capture itself, not an export of it'],
  [ascii('{'), 'JSON text: give the capture itself, not an export of it'],
  [ascii('['), 'JSON text: give the capture itself, not an export of it'],
];

/** Says what content begins with `bytes`, for the message that refuses it: "JSON text …", "content that begins with 00 01 02 03 …". */
export function nameContent(bytes: Uint8Array): string {
  if (bytes.length === 0) {
    return 'empty input: what should have written the capture wrote nothing';
  }
  for (const [start, words] of KNOWN_CONTENT) {
    if (start.every((byte, index) => bytes[index] === byte)) {
      return words;
    }
  }
  if (bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d)) {
    return 'text: write a capture with "tcpdump -w FILE"';
  }
  if (bytes.every((byte) => byte === 0)) {
    return 'nothing but zeros';
  }
  return `content that begins with ${Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
