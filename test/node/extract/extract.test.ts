import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Finding, Report } from '../../../src/core/index.ts';
import { RULES } from '../../../src/core/rules/index.ts';
import { anonymisingWith, readKey } from '../../../src/node/extract/anonymising.ts';
import { type Extracted, extractTo, type ExtractRequest } from '../../../src/node/extract/extract.ts';
import { listNumbers, parseNumbers } from '../../../src/node/extract/number-list.ts';
import { auditFile, InputError } from '../../../src/node/index.ts';
import { analyse, toJson } from '../../support/analyse.ts';
import { captureOf } from '../../support/conversation-frames.ts';
import { FIXTURES, fixtureCapture, fixtureNames } from '../../support/fixtures.ts';
import { packetsOf } from '../../support/mutate.ts';
import { addressBytes, ethernet, fragment, icmpError, tcpFrame, tcpPacket } from '../../support/packets.ts';
import { join as joined, pcap, type PcapPacket } from '../../support/pcap-writer.ts';
import { captureIn } from '../../support/truth/truth.ts';
import { itWithWireshark, tsharkFields } from '../../support/wireshark.ts';

const KEY = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
const EPOCH = 1_767_225_600_000_000_000n;

/**
 * Facts that compare with the other connections of the server or of the capture. A finding about one connection takes along only those between
 * its ends, and `segments_sent` is what all of its server's were.
 */
const COUNTED_TOGETHER = /share|_of_server$|^segments_sent$/;

interface Slice extends Extracted {
  bytes: Uint8Array;
}

async function slice(paths: string | readonly string[], request: Partial<ExtractRequest> = {}): Promise<Slice> {
  const pieces: Uint8Array[] = [];
  const list = typeof paths === 'string' ? [paths] : paths;
  const whole = { flows: [], findings: [], anonymising: null, source: 'the capture', ...request };
  const extracted = await extractTo((bytes) => pieces.push(bytes.slice()), list, whole, {}, (options, listeners) => auditFile(list, options, listeners));
  return { ...extracted, bytes: joined(...pieces) };
}

function pathOf(fixture: string): string {
  return captureIn(join(FIXTURES, fixture))!;
}

/**
 * What of a finding depends on its connections alone: not how the rest of the capture makes it doubtful, or is counted with it.
 * Where the capture's clock was set back, times are mended by the connections that went on.
 */
function essence({ rule, severity, count, subject, first_ns, last_ns, evidence, facts }: Finding, hasTimes = true): string {
  const own = Object.fromEntries(Object.entries(facts).filter(([name]) => !COUNTED_TOGETHER.test(name)));
  const packets = evidence.packets.length + evidence.more.packets;
  if (subject.kind === 'capture') return toJson({ rule, severity, count, packets });
  return toJson({ rule, severity, count, subject: { ...subject, flow: 0 }, packets, ...(hasTimes && { first_ns, last_ns, own }) });
}

/** What must be alike where addresses are not. */
function shapeOf({ rule, severity, confidence, title, subject, count, first_ns, last_ns, evidence, facts, doubts }: Finding): object {
  // Others may hold addresses.
  const numbers = Object.entries(facts).filter(([, fact]) => typeof fact === 'number' || typeof fact === 'boolean');
  // A finding about the capture is as old as its first frame, of whatever protocol: that is not taken along.
  const first = subject.kind === 'capture' ? null : first_ns;
  return { rule, severity, confidence, title, kind: subject.kind, count, first, last_ns, packets: evidence.packets.length, flows: evidence.flows, more: evidence.more, facts: numbers, doubts: doubts.length };
}

function tellingOf({ totals, capture, findings, servers }: Report): object {
  return {
    totals,
    quality: capture.quality,
    analysed: capture.packets.analysed,
    findings: findings.map(shapeOf),
    servers: servers.map(({ endpoint: _, ...row }) => row),
  };
}

describe('extract', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'synoptic-test-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function file(name: string, bytes: Uint8Array): string {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  }

  async function refusal(made: Promise<unknown>): Promise<string> {
    try {
      await made;
    } catch (error) {
      expect(error).to.be.instanceOf(InputError);
      return error instanceof Error ? error.message : '';
    }
    throw new Error('not refused');
  }

  describe('every finding of a fixture comes out of its slice again:', () => {
    for (const name of fixtureNames) {
      it(name, async () => {
        const { findings, capture } = await auditFile(pathOf(name));
        const hasTimes = capture.quality.clock_steps === 0;
        for (const [index, finding] of findings.entries()) {
          const { bytes, packets } = await slice(pathOf(name), { findings: [[index + 1, index + 1]] });
          const { report } = analyse([bytes]);
          const found = report.findings.map((each) => essence(each, hasTimes));
          expect(found, `finding ${index + 1}, ${finding.rule}`).to.include(essence(finding, hasTimes));
          expect(report.capture.packets.read).to.equal(packets);
        }
      });
    }
  });

  describe('anonymised, a fixture says the same of other addresses:', () => {
    for (const name of fixtureNames) {
      it(name, async () => {
        const capture = fixtureCapture(name);
        const { bytes, leftOut } = await slice(pathOf(name), { anonymising: anonymisingWith(KEY) });
        expect(leftOut).to.equal(0);
        const [before, after] = [analyse([capture]), analyse([bytes])];
        expect(tellingOf(after.report)).to.deep.equal(tellingOf(before.report));
        const states = ({ timeline }: typeof before): string[] => timeline.map(({ t_ns, state, possible }) => `${t_ns} ${state} ${possible.join(' ')}`);
        expect(states(after)).to.deep.equal(states(before));
        const addresses = new Set([...before.ended, ...before.open].flatMap(({ client, server }) => [client, server]).map((end) => end.slice(0, end.lastIndexOf(':')).replaceAll(/[[\]]/g, '')));
        for (const address of addresses) {
          expect(Buffer.from(bytes).includes(Buffer.from(addressBytes(address))), address).to.equal(false);
          expect(Buffer.from(bytes).includes(address), address).to.equal(false);
        }
      });
    }
  });

  describe('anonymised, the examples of every rule are judged as before:', () => {
    for (const rule of RULES) {
      it(rule.id, async () => {
        for (const { title, conversation } of [...rule.examples.flagged, ...rule.examples.clean]) {
          const capture = captureOf(conversation);
          const path = file('example.pcap', capture);
          const { bytes } = await slice(path, { anonymising: anonymisingWith(KEY) });
          const [before, after] = [analyse([capture]).report, analyse([bytes]).report];
          const sorted = (report: Report): string[] => report.findings.map((finding) => toJson({ ...shapeOf(finding), flows: [] })).sort();
          expect(sorted(after), title).to.deep.equal(sorted(before));
        }
      });
    }
  });

  it('takes whole frames, in their order, with their lengths and times, of any format', async () => {
    const capture = fixtureCapture('leaking-server');
    const packets = packetsOf(capture);
    const flows = [2, 5, 6, 7];
    const numbers: number[] = [];
    const wanted: string[] = [];
    const { report } = analyse([capture]);
    expect(report.totals.flows).to.equal(300);
    // The packets of those flows by another way: the rows of every packet.
    await auditFile(pathOf('leaking-server'), { rules: [] }, { packet: ({ flow, packet }) => void (flows.includes(flow) && numbers.push(packet)) });
    for (const number of numbers.sort((one, other) => one - other)) wanted.push(`${packets[number - 1].time} ${Buffer.from(packets[number - 1].data).toString('hex')}`);
    const sources = [pathOf('leaking-server'), file('capture.gz', gzipSync(capture))];
    for (const path of sources) {
      const { bytes, packets: count, flows: taken } = await slice(path, { flows: [[2, 2], [5, 7]] });
      expect([count, taken]).to.deep.equal([wanted.length, 4]);
      const rows: string[] = [];
      await auditFile(file('slice.pcapng', bytes), { rules: [] }, {
        frame: (record, _flow, _slot, engine) => rows.push(`${engine.epoch(record.time)} ${Buffer.from(record.bytes.subarray(record.start, record.end)).toString('hex')}`),
      });
      expect(rows).to.deep.equal(wanted);
    }
  });

  it('takes packets that a finding rests on and that belong to no connection', async () => {
    const example = RULES.find(({ id }) => id === 'invalid-flags')!.examples.flagged.find(({ title }) => title.includes('data offset'))!;
    const path = file('no-connection.pcap', captureOf(example.conversation));
    const { findings } = await auditFile(path);
    const number = findings.findIndex(({ subject, evidence }) => subject.kind === 'host' && evidence.packets.length > 0 && evidence.flows.length === 0) + 1;
    expect(number).to.be.above(0);
    const { bytes } = await slice(path, { findings: [[number, number]] });
    expect(analyse([bytes]).report.findings.map(({ rule }) => rule)).to.include('invalid-flags');
  });

  it('takes several files as one stream, ordered by their first packets', async () => {
    const packets = packetsOf(fixtureCapture('close-client'));
    const [head, tail] = [packets.slice(0, 4), packets.slice(4)].map((part, index) => file(`part${index}.pcap`, pcap(part, { variant: 'nanosecond' })));
    const empty = file('empty.pcap', new Uint8Array());
    const { bytes } = await slice([tail, empty, head], { flows: [[1, 1]] });
    const whole = await slice(pathOf('close-client'), { flows: [[1, 1]] });
    expect(analyse([bytes]).open.map(toJson)).to.deep.equal(analyse([whole.bytes]).open.map(toJson));
    expect(bytes.length).to.be.above(0);
  });

  it('takes all fragments of a packet, and the ICMP errors about a flow', async () => {
    const packet = tcpPacket({ from: '192.0.2.1:40000', to: '192.0.2.2:80', flags: 'S', payload: 'x'.repeat(60) });
    const [first, second, third] = fragment(packet, 77, 16, 24).map((part) => ethernet(part));
    const other = tcpFrame({ from: '203.0.113.1:1', to: '203.0.113.2:2', flags: 'S' });
    const rejected = ethernet(icmpError({ from: '198.51.100.1', to: '192.0.2.1', type: 3, code: 13 }, packet));
    const frames = [third, other, first, other, second, rejected];
    const packets: PcapPacket[] = frames.map((data, index) => ({ time: EPOCH + BigInt(index) * 10_000_000n, data }));
    const path = file('fragments.pcap', pcap(packets, { variant: 'nanosecond' }));
    const { bytes } = await slice(path, { flows: [[1, 1], [2, 2]] });
    expect(analyse([bytes]).report.capture.packets.read).to.equal(6);
    const { findings } = await auditFile(path);
    const number = findings.findIndex(({ rule }) => rule === 'connect-rejected-icmp') + 1;
    const found = await slice(path, { findings: [[number, number]] });
    expect(found.packets).to.equal(4);
    expect(analyse([found.bytes]).report.findings.map((each) => essence(each))).to.include(essence(findings[number - 1]));
  });

  it('states again what the capture says it lost', async () => {
    const before = (await auditFile(pathOf('capture-drops'))).capture.quality.kernel_drops;
    const { bytes } = await slice(pathOf('capture-drops'), { flows: [[1, 1]] });
    expect(analyse([bytes]).report.capture.quality.kernel_drops).to.equal(before);
  });

  itWithWireshark('puts findings on their evidence, and says at the head what it is', async () => {
    const { bytes } = await slice(pathOf('leaking-server'), { findings: [[1, 1]], source: 'leak.pcap' });
    const rows = tsharkFields(bytes, ['frame.number', 'frame.comment'], ['-Y', 'frame.comment']);
    expect(rows.map(([, comment]) => comment).slice(0, 2)).to.deep.equal([
      'synoptic finding 1: high, close-wait-leak: Connections pile up in CLOSE_WAIT: the program never closes them (packet 7 of the capture)',
      'synoptic finding 1: high, close-wait-leak: Connections pile up in CLOSE_WAIT: the program never closes them (packet 22 of the capture)',
    ]);
    // One FIN of each of the 200 connections, of which a rule keeps that many.
    expect(rows).to.have.lengthOf(200);
    expect(Buffer.from(bytes).toString('latin1')).to.contain('1400 of 2200 packets from leak.pcap, extracted by synoptic');
  });

  itWithWireshark('names neither file nor address in the comments of what is anonymised', async () => {
    const { bytes } = await slice(pathOf('leaking-server'), { findings: [[1, 1]], source: 'secret.pcap', anonymising: anonymisingWith(KEY) });
    const comments = tsharkFields(bytes, ['frame.comment'], ['-Y', 'frame.comment']).flat();
    expect(comments).to.have.lengthOf(200);
    expect(Buffer.from(bytes).includes('secret.pcap')).to.equal(false);
    expect(comments.join()).not.to.match(/\d+\.\d+\.\d+\.\d+/);
  });

  it('refuses numbers that there are not', async () => {
    expect(await refusal(slice(pathOf('leaking-server'), { findings: [[2, 2]] }))).to.equal('--finding 2: no such finding; there is 1 (synoptic audit --verbose shows them in order)');
    expect(await refusal(slice(pathOf('leaking-server'), { flows: [[299, 301]] }))).to.equal('--flow 301: no such flow; the capture holds 300 (synoptic flows lists them)');
  });

  it('reads keys as bytes or as digits, and nothing else', () => {
    const hex = Buffer.from(KEY).toString('hex');
    expect([...readKey(file('key', KEY))]).to.deep.equal([...KEY]);
    expect([...readKey(file('key.hex', new TextEncoder().encode(`${hex}\n`)))]).to.deep.equal([...KEY]);
    expect(() => readKey(file('short', KEY.slice(1)))).to.throw(InputError, /short: is no key of 32 bytes or 64 hexadecimal digits; make one/);
    expect(() => readKey(join(folder, 'none'))).to.throw(InputError, /no such file/);
  });
});

describe('lists of numbers', () => {
  it('are read', () => {
    expect(parseNumbers(['1', '4-7'])).to.deep.equal([[1, 1], [4, 7]]);
    for (const wrong of ['0', '7-4', '-1', 'x', '1.5', '', '99999999999999999999']) expect(parseNumbers([wrong]), wrong).to.equal(null);
  });

  it('are written short', () => {
    expect(listNumbers([7, 1, 2, 3, 9, 8], 20)).to.equal('1-3, 7-9');
    expect(listNumbers([1, 3, 5, 6, 7], 2)).to.equal('1, 3 and 3 more');
  });
});
