import { closeSync, existsSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PcapWriter } from './pcap-writer.js';
import { writeTraffic } from './traffic.js';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'captures');

/** Changes whenever the captures do, so that old ones are not used. */
const VERSION = 2;

/** `--quick` makes captures of this share of the size. */
const QUICK = 1 / 20;

/** @typedef {{key: string, title: string, connections: number, write: (writer: PcapWriter, connections: number) => void}} Capture */

/** @type {readonly Capture[]} */
export const CAPTURES = [
  {
    key: 'a',
    title: '2 million small packets, 20,000 connections',
    connections: 20_000,
    write(writer, connections) {
      writeTraffic(writer, {
        seed: 0xa11ce,
        connections,
        atOnce: Math.min(1000, connections),
        microseconds: 20,
        spoofed: false,
        plan(index, random) {
          // 40 to 160, each pair of connections together 200.
          const spread = ((index >> 1) * 37) % 61;
          return { packets: index % 2 === 0 ? 100 + spread : 100 - spread, timestamps: random.below(4) > 0, request: 12, response: 12, acknowledgeEvery: 1 };
        },
      });
    },
  },
  {
    key: 'b',
    title: '1 million packets of 1.2 kB, 2,000 connections',
    connections: 2000,
    write(writer, connections) {
      writeTraffic(writer, {
        seed: 0xb0b,
        connections,
        atOnce: Math.min(200, connections),
        microseconds: 40,
        spoofed: false,
        plan: () => ({ packets: 500, timestamps: true, request: 0, response: 1300, acknowledgeEvery: 8 }),
      });
    },
  },
  {
    key: 'c',
    title: '3 million packets, 2 million connections',
    connections: 2_000_000,
    write(writer, connections) {
      writeTraffic(writer, {
        seed: 0xca401,
        connections,
        atOnce: Math.min(500, connections),
        microseconds: 400,
        spoofed: true,
        plan(index) {
          // Of 100: 3 complete with 8 packets, 29 answered, 68 unanswered.
          const share = index % 100;
          const packets = share < 3 ? 8 : share < 32 ? 2 : 1;
          return { packets, timestamps: true, request: 12, response: 12, acknowledgeEvery: 1 };
        },
      });
    },
  },
];

/**
 * Path of a capture, which is written first unless it is there.
 * @param {Capture} capture
 * @param {boolean} quick
 * @param {(line: string) => void} say
 */
export function ensureCapture(capture, quick, say) {
  const path = join(FOLDER, `${capture.key}${quick ? '-quick' : ''}-v${VERSION}.pcap`);
  if (existsSync(path)) return path;
  mkdirSync(FOLDER, { recursive: true });
  say(`writing capture ${capture.key}${quick ? ', a twentieth of its size' : ''} …`);
  const writer = new PcapWriter(path);
  capture.write(writer, Math.round(capture.connections * (quick ? QUICK : 1)));
  writer.close();
  return path;
}

/** The number of packets of a classic pcap file. @param {string} path */
export function countPackets(path) {
  const file = openSync(path, 'r');
  const bytes = Buffer.alloc(4 << 20);
  let packets = 0;
  let skip = 24;
  let held = 0;
  for (;;) {
    const read = readSync(file, bytes, held, bytes.length - held, null);
    if (read === 0) break;
    const end = held + read;
    let at = 0;
    for (;;) {
      const step = Math.min(skip, end - at);
      at += step;
      skip -= step;
      if (skip > 0 || end - at < 16) break;
      skip = 16 + bytes.readUInt32LE(at + 8);
      packets++;
    }
    bytes.copyWithin(0, at, end);
    held = end - at;
  }
  closeSync(file);
  return packets;
}
