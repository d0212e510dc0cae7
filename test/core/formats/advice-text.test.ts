import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { adviceLines } from '../../../src/core/formats/advice-text.ts';
import { PLAIN, type RenderOptions } from '../../../src/core/formats/format.ts';

function lines(advice: string, width: number, options: Partial<RenderOptions> = {}): string[] {
  return adviceLines(advice, width, { ...PLAIN, ...options });
}

/** The arguments as a shell gives them to a program, blanks within one counted as one. */
function argumentsOf(command: string): string[] {
  const { status, stdout } = spawnSync('sh', ['-c', command.replace(/^\w+/, String.raw`printf '%s\0'`)], { encoding: 'utf8' });
  expect(status, command).to.equal(0);
  return stdout.split('\0').slice(0, -1).map((argument) => argument.replaceAll(/\s+/g, ' '));
}

describe('advice', () => {
  it('breaks prose at any blank', () => {
    expect(lines('Look at CAPTURE once more.', 12, { capture: 'a.pcap' })).to.deep.equal(['Look at', 'a.pcap once', 'more.']);
  });

  it('goes on behind a backslash where a command is broken between arguments', () => {
    expect(lines('nstat -az TcpExtListenDrops TcpExtListenOverflows', 30)).to.deep.equal(['nstat -az TcpExtListenDrops \\', 'TcpExtListenOverflows']);
    expect(lines('ss -tanp state close-wait \'( sport = :8005 )\'', 30)).to.deep.equal(['ss -tanp state close-wait \\', "'( sport = :8005 )'"]);
  });

  it('has room for the backslash', () => {
    for (let width = 8; width < 60; width++) {
      for (const line of lines('nstat -az TcpA TcpB TcpC TcpD TcpE TcpF', width)) expect(line.length).to.be.at.most(Math.max(width, 'TcpA \\'.length));
    }
  });

  it('breaks a filter of tcpdump or tshark without one: to them a line break is a blank', () => {
    expect(lines("tcpdump -nr CAPTURE 'host 10.0.0.1 and tcp port 80'", 32, { capture: 'a.pcap' })).to.deep.equal(["tcpdump -nr a.pcap 'host", "10.0.0.1 and tcp port 80'"]);
  });

  it('breaks no other quoted argument, nor the name of the capture', () => {
    expect(lines("ss -tan | awk '{print $1}' | sort", 12)).to.deep.equal(['ss -tan | \\', "awk \\", "'{print $1}' \\", '| sort']);
    expect(lines("tcpdump -nr CAPTURE 'tcp' | grep -o 'id [0-9]*'", 14, { capture: "'my capture of a day.pcap'" }))
      .to.deep.equal(['tcpdump -nr \\', "'my capture of a day.pcap' \\", "'tcp' | grep \\", "-o 'id [0-9]*'"]);
  });

  it('goes on with a comment as a comment', () => {
    expect(lines('ss -tlnp   # nothing that listens', 20)).to.deep.equal(['ss -tlnp # nothing', '# that listens']);
    expect(lines("ss -tlnp   # it's there", 12)).to.deep.equal(['ss -tlnp', "# it's there"]);
  });

  it('decompresses a capture for programs that may not read it as it is', () => {
    const compressed = { capture: 'a.pcap.gz', compression: 'gzip' };
    expect(lines("tcpdump -ttt -nvr CAPTURE 'tcp'", 80, compressed)).to.deep.equal(["gzip -dc a.pcap.gz | tcpdump -ttt -nvr - 'tcp'"]);
    expect(lines("tshark -o tcp.check_checksum:FALSE -r CAPTURE", 80, { ...compressed, compression: 'xz' }))
      .to.deep.equal(['xz -dc a.pcap.gz | tshark -o tcp.check_checksum:FALSE -r -']);
    expect(lines('synoptic states CAPTURE --at +1s', 80, compressed)).to.deep.equal(['synoptic states a.pcap.gz --at +1s']);
  });

  it('is to a shell what it was in one line', () => {
    const commands = [
      'nstat -az TcpExtListenDrops TcpExtSyncookiesSent TcpExtTCPReqQFullDoCookies',
      "tcpdump -nr CAPTURE 'host 10.77.90.3 and tcp port 8001 and tcp[14:2] = 0 and tcp[tcpflags] & (tcp-rst|tcp-syn) = 0'",
      "tshark -r CAPTURE -Y 'tcp.flags.reset == 1' -T fields -e frame.number -e ip.src",
      "ss -tnmi '( sport = :8001 )'   # Recv-Q that stays full: the program doesn't read",
      'synoptic states CAPTURE --at +12.306525s --host 10.77.168.3',
    ];
    const capture = `'it'\\''s a "capture" $HOME.pcap'`;
    for (const command of commands) {
      const whole = argumentsOf(command.replace('CAPTURE', () => capture));
      for (const width of [1, 20, 40, 61]) expect(argumentsOf(lines(command, width, { capture }).join('\n')), `${width}`).to.deep.equal(whole);
    }
  });
});
