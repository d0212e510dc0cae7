import { expect } from 'chai';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastWords } from '../../../../src/node/live/sources/complaints.ts';
import { readCounters as readDumpcapCounters } from '../../../../src/node/live/sources/dumpcap.ts';
import { openLiveSource, type SourceChoice } from '../../../../src/node/live/sources/open.ts';
import { type LiveSource, SourceError, type SourceRequest } from '../../../../src/node/live/sources/source.ts';
import { readCounters as readTcpdumpCounters } from '../../../../src/node/live/sources/tcpdump.ts';
import { fixtureCapture, FIXTURES } from '../../../support/fixtures.ts';
import { temporaryFolder } from '../../sources/temporary.ts';

/* What tcpdump 4.99.3 and dumpcap 4.0.17 (Debian 12) say. */
const SAYS = {
  tcpdumpDenied: "tcpdump: lo: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)",
  tcpdumpNoInterface: 'tcpdump: eht0: No such device exists\n(No such device exists)',
  tcpdumpBadFilter: "tcpdump: can't parse filter expression: syntax error",
  tcpdumpDown: 'tcpdump: eth1: That device is not up',
  dumpcapDenied:
    'Capturing on \'Loopback: lo\'\ndumpcap: You do not have permission to capture on device "lo".\n(socket: Operation not permitted)\nPlease check to make sure you have sufficient permissions.',
  dumpcapBadFilter:
    "Capturing on 'Loopback: lo'\ndumpcap: Invalid capture filter \"foo bar\" for interface 'lo'.\nThat string isn't a valid capture filter (can't parse filter expression: syntax error).\nSee the User's Guide for a description of the capture filter syntax.",
  dumpcapDetached: 'dumpcap: The network adapter \\"eth1\\" is no longer attached; the capture has stopped.\nPackets captured: 0\nPackets received/dropped',
  listening: 'tcpdump: listening on lo, link-type EN10MB (Ethernet), snapshot length 256 bytes',
};

const REQUEST: SourceRequest = { interface: 'lo', filter: '', snaplen: 256, buffer: 16_384 };

describe('live: programs that capture', () => {
  const folder = temporaryFolder();
  const bin = join(folder.path, 'bin');
  const capture = join(FIXTURES, 'leaking-server', 'capture.pcap');
  const path = process.env['PATH'];

  /** What a test has opened does not outlive it, whether it passes or fails. */
  const opened: LiveSource[] = [];

  async function open(choice: SourceChoice, request: SourceRequest): Promise<LiveSource> {
    const source = await openLiveSource(choice, request);
    opened.push(source);
    return source;
  }

  afterEach(() => {
    for (const source of opened.splice(0)) source.kill();
  });

  before(() => mkdirSync(bin));

  beforeEach(() => {
    for (const name of ['tcpdump', 'dumpcap']) program(name, 'exit 127');
    // The scripts' own programs are wanted, too, but no tcpdump of the machine's.
    process.env['PATH'] = `${bin}:/bin:/usr/bin`;
  });

  after(() => {
    process.env['PATH'] = path;
  });

  /** Puts a shell script in the place of a program. */
  function program(name: string, script: string): void {
    const file = join(bin, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  function fails(name: string, says: string): void {
    program(name, `cat >&2 <<'END'\n${says}\nEND\nexit 1`);
  }

  async function refusal(choice: SourceChoice, change: Partial<SourceRequest> = {}): Promise<SourceError> {
    try {
      (await open(choice, { ...REQUEST, ...change })).kill();
    } catch (error) {
      if (error instanceof SourceError) return error;
      throw error;
    }
    throw new Error('it opened');
  }

  async function poured(source: LiveSource): Promise<Buffer> {
    const chunks: Buffer[] = [];
    await source.pour((chunk) => chunks.push(Buffer.from(chunk)));
    return Buffer.concat(chunks);
  }

  it('that may not capture: one line says what grants it', async () => {
    fails('tcpdump', SAYS.tcpdumpDenied);
    const { refusal: why, message } = await refusal('tcpdump');
    expect(why).to.equal('denied');
    expect(message).to.equal('tcpdump may not capture on lo: grant it with sudo setcap cap_net_raw+ep "$(command -v tcpdump)", or run as root');
    fails('dumpcap', SAYS.dumpcapDenied);
    expect((await refusal('dumpcap')).message).to.equal(
      'dumpcap may not capture on lo: grant it with sudo usermod -aG wireshark "$USER" and log in again, or run as root',
    );
  });

  it('that know no such interface, or one that is down', async () => {
    fails('tcpdump', SAYS.tcpdumpNoInterface);
    const { refusal: why, message } = await refusal('auto', { interface: 'ol' });
    expect(why).to.equal('interface');
    expect(message).to.equal('there is no interface ol; did you mean lo? (synoptic live --list shows all)');
    expect((await refusal('auto', { interface: '/dev/null' })).message).to.equal('there is no interface /dev/null, but a file: synoptic audit reads it');
    fails('tcpdump', SAYS.tcpdumpDown);
    expect((await refusal('auto', { interface: 'eth1' })).message).to.equal('eth1 is down: sudo ip link set eth1 up');
  });

  it('that do not take the filter: their complaint, in one line', async () => {
    fails('tcpdump', SAYS.tcpdumpBadFilter);
    expect((await refusal('tcpdump', { filter: 'foo bar' })).message).to.equal(
      "the filter is wrong: can't parse filter expression: syntax error (man pcap-filter)",
    );
    fails('dumpcap', SAYS.dumpcapBadFilter);
    expect((await refusal('dumpcap', { filter: 'foo bar' })).message).to.equal(
      "the filter is wrong: Invalid capture filter \"foo bar\" for interface 'lo'. That string isn't a valid capture filter (can't parse filter expression: syntax error). (man pcap-filter)",
    );
  });

  it('that end for another reason: what they said', async () => {
    fails('tcpdump', 'tcpdump: lo: something new');
    const { refusal: why, message } = await refusal('tcpdump');
    expect([why, message]).to.deep.equal(['other', 'tcpdump cannot capture on lo: lo: something new']);
    program('tcpdump', 'exit 3');
    expect((await refusal('tcpdump')).message).to.equal('tcpdump cannot capture on lo: tcpdump ended without a packet (exit status 3)');
  });

  it('that are not there', async () => {
    process.env['PATH'] = folder.path;
    const { refusal: why, message } = await refusal('tcpdump');
    expect([why, message]).to.deep.equal(['missing', 'tcpdump cannot be started: install it (apt install tcpdump), or name another with --source']);
  });

  it('stand in for one another with --source auto', async () => {
    fails('tcpdump', SAYS.tcpdumpDenied);
    program('dumpcap', `cat '${capture}'`);
    const source = await open('auto', REQUEST);
    expect(source.name).to.equal('dumpcap');
    expect((await poured(source)).equals(fixtureCapture('leaking-server'))).to.equal(true);
  });

  it('are not tried in turn where the fault is in what was asked for', async () => {
    fails('tcpdump', SAYS.tcpdumpBadFilter);
    program('dumpcap', `touch '${join(folder.path, 'asked')}'; exit 1`);
    expect((await refusal('auto', { filter: 'foo' })).refusal).to.equal('filter');
    expect(existsSync(join(folder.path, 'asked'))).to.equal(false);
  });

  it('are told what to capture', async () => {
    const args = join(folder.path, 'args');
    for (const name of ['tcpdump', 'dumpcap']) program(name, `printf '%s\\n' "$@" > '${args}'; cat '${capture}'`);
    const request = { interface: 'eth9', filter: '-w x', snaplen: 96, buffer: 2048 };
    await poured(await open('tcpdump', request));
    expect(readFileSync(args, 'utf8').trim().split('\n')).to.deep.equal(
      ['-i', 'eth9', '-n', '-U', '-s', '96', '-B', '2048', '--time-stamp-precision=nano', '-w', '-', '--', '-w x'],
    );
    await poured(await open('dumpcap', { ...request, filter: 'tcp' }));
    expect(readFileSync(args, 'utf8').trim().split('\n')).to.deep.equal(
      ['-i', 'eth9', '-P', '-q', '-s', '96', '-B', '2', '-w', '-', '-f', 'tcp'],
    );
  });

  it('tell their counters when asked, and at their end', async () => {
    program(
      'tcpdump',
      `trap "echo 'tcpdump: 10 packets captured, 12 packets received by filter, 2 packets dropped by kernel' >&2" USR1
       trap "printf '11 packets captured\\n15 packets received by filter\\n4 packets dropped by kernel\\n1 packet dropped by interface\\n' >&2; exit 0" INT
       cat '${capture}'
       while :; do sleep 0.02; done`,
    );
    const source = await open('tcpdump', REQUEST);
    const pouring = poured(source);
    while (source.counters.received === null) {
      source.refresh();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(source.counters).to.deep.equal({ received: 12, captured: 10, kernelDrops: 2, interfaceDrops: 0 });
    source.stop();
    await pouring;
    expect(source.counters).to.deep.equal({ received: 15, captured: 11, kernelDrops: 4, interfaceDrops: 1 });
    expect(source.failure).to.equal(null);
  });

  it('are told to end once they were given what had come', async () => {
    // The kernel gives the second half after a while; what is told before is what came.
    program(
      'tcpdump',
      `answers=0
       trap "answers=\\$((answers + 1)); [ \\$answers = 4 ] && tail -c +1001 '${capture}'
             [ \\$answers -ge 4 ] && captured=20 || captured=10
             echo \\"tcpdump: \\$captured packets captured, 22 packets received by filter, 2 packets dropped by kernel\\" >&2" USR1
       trap 'exit 0' INT
       head -c 1000 '${capture}'
       while :; do sleep 0.01; done`,
    );
    const asked = await open('tcpdump', REQUEST);
    asked.stop();
    expect((await poured(asked)).equals(fixtureCapture('leaking-server'))).to.equal(true);
    // One that tells nothing meanwhile is given time.
    program('dumpcap', `trap 'exit 0' INT; head -c 1000 '${capture}'; sleep 0.2; tail -c +1001 '${capture}'; while :; do sleep 0.01; done`);
    const waitedFor = await open('dumpcap', REQUEST);
    waitedFor.stop();
    expect((await poured(waitedFor)).equals(fixtureCapture('leaking-server'))).to.equal(true);
  });

  it('that die while they capture: what came is kept, and it is told', async () => {
    program('tcpdump', `echo '${SAYS.listening}' >&2; head -c 1000 '${capture}'; kill -KILL $$`);
    const source = await open('tcpdump', REQUEST);
    expect(await poured(source)).to.have.lengthOf(1000);
    expect(source.failure).to.equal('tcpdump ended by itself (signal SIGKILL)');
    // What a tcpdump warns of that runs as nobody (DynamicUser= of systemd) is not why it was killed.
    program('tcpdump', `echo 'Warning: setgid/setuid failed !' >&2; head -c 1000 '${capture}'; kill -KILL $$`);
    const warned = await open('tcpdump', REQUEST);
    await poured(warned);
    expect(warned.failure).to.equal('tcpdump ended by itself (signal SIGKILL)');
    program('tcpdump', `head -c 1000 '${capture}'; echo 'tcpdump: pcap_loop: The interface disappeared' >&2; exit 1`);
    const other = await open('tcpdump', REQUEST);
    await poured(other);
    expect(other.failure).to.equal('tcpdump ended by itself (exit status 1: lo is gone)');
    // dumpcap 4.0 when its interface is taken away.
    program('dumpcap', `head -c 1000 '${capture}'; printf '%s\\n' "${SAYS.dumpcapDetached}" >&2`);
    const third = await open('dumpcap', REQUEST);
    await poured(third);
    expect(third.failure).to.equal('dumpcap ended by itself (exit status 0: lo is gone)');
  });

  it('that are cap, when its interface goes: in words of ours', () => {
    expect(lastWords('eth1', "node: ../src/binding.cc:190: static void Pcap::cb_packets(uv_poll_t*, int, int): Assertion `status == 0' failed."))
      .to.equal('eth1 is down or gone');
    expect(lastWords('eth1', 'FATAL ERROR: out of memory')).to.equal('FATAL ERROR: out of memory');
  });

  it('count in words that are understood', () => {
    const counters = { received: null, captured: null, kernelDrops: null, interfaceDrops: null };
    readTcpdumpCounters('5 packets captured\n', counters);
    expect(counters).to.deep.equal({ received: null, captured: 5, kernelDrops: null, interfaceDrops: null });
    readTcpdumpCounters('1 packet received by filter\n0 packets dropped by kernel\n', counters);
    expect(counters).to.deep.equal({ received: 1, captured: 5, kernelDrops: 0, interfaceDrops: 0 });
    const others = { received: null, captured: null, kernelDrops: null, interfaceDrops: null };
    readDumpcapCounters("Packets received/dropped on interface 'Loopback: lo': 90/15 (pcap:10/dumpcap:5/flushed:0/ps_ifdrop:3) (85.7%)\n", others);
    expect(others).to.deep.equal({ received: 100, captured: null, kernelDrops: 15, interfaceDrops: 3 });
  });
});
