import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { RULES } from '../../../src/core/index.ts';
import { failureInFormat } from '../../../src/node/cli/failure.ts';
import { captureOf } from '../../support/conversation-frames.ts';
import { temporaryFolder } from '../sources/temporary.ts';

const BIN = fileURLToPath(new URL('../../../../bin/synoptic.js', import.meta.url));
const CLEAN = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK';

/**
 * One datum of a plugin's performance data (Monitoring Plugins Development Guidelines, §2.6): label=value[unit];[warn];[crit];[min];[max],
 * where a label may be quoted and holds neither = nor ', and thresholds are ranges.
 */
const RANGE = '@?(?:(?:-?\\d+(?:\\.\\d+)?|~):)?(?:-?\\d+(?:\\.\\d+)?)?';
const DATUM = new RegExp(`^(?:'[^'=]+'|[^' =]+)=-?\\d+(?:\\.\\d+)?(?:s|us|ms|%|B|KB|MB|TB|c)?(?:;${RANGE})?(?:;${RANGE})?(?:;-?\\d*)?(?:;-?\\d*)?$`);

interface Plugin {
  status: number | null;
  line: string;
}

describe('synoptic audit --format nagios, as a plugin', () => {
  const folder = temporaryFolder();
  let clean = '';
  let leaking = '';
  let slowServer = '';

  /** Runs the program as Nagios does, and holds its output against the conventions. */
  function plugin(...args: string[]): Plugin {
    return run(['audit', '--format', 'nagios', ...args]);
  }

  /** The same for a user whose configuration asks for the format. */
  function configuredPlugin(config: string, ...args: string[]): Plugin {
    mkdirSync(join(folder.path, 'synoptic'), { recursive: true });
    folder.write('synoptic/config.json', Buffer.from(config));
    return run(args, { XDG_CONFIG_HOME: folder.path });
  }

  function run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Plugin {
    const env = { ...process.env, ...environment };
    const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { cwd: folder.path, encoding: 'utf8', input: '', env });
    expect(stderr, 'standard error').to.equal('');
    expect(stdout).to.match(/^SYNOPTIC (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+(?: \| [^|\n]+)?\n$/);
    expect(Buffer.byteLength(stdout)).to.be.below(4096);
    expect(['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'][status ?? -1], stdout).to.equal(/^SYNOPTIC (\w+)/.exec(stdout)![1]);
    const [, performance] = stdout.trimEnd().split(' | ');
    for (const datum of performance?.split(' ') ?? []) expect(datum).to.match(DATUM);
    return { status, line: stdout.trimEnd() };
  }

  before(() => {
    clean = folder.write('clean.pcap', captureOf(CLEAN));
    leaking = folder.write('leaking.pcap', captureOf(RULES.find(({ id }) => id === 'close-wait-leak')!.examples.flagged[0].conversation));
    // Fifty clients whose SYNs nobody answers, each sent three times: a port that is filtered.
    slowServer = folder.write('filtered.pcap', captureOf('repeat 50 every 0.05 { C# > S SYN; +1 C# > S SYN again; +2 C# > S SYN again }'));
  });

  it('exits 0 where nothing is wrong', () => {
    const { status, line } = plugin(clean);
    expect(status).to.equal(0);
    expect(line).to.match(/^SYNOPTIC OK - no problem found in 1 connection \| /);
    expect(line.split(' | ')[1].split(' ')).to.include.members(['critical=0;;0;0', 'connections=1;;;0', 'packets=8c']);
  });

  it('exits 1 at medium severity', () => {
    const { status, line } = plugin('--rules', 'connect-filtered', slowServer);
    expect(line).to.match(/^SYNOPTIC WARNING - 1 problem in 50 connections, the gravest: .* \(connect-filtered, /).and.to.include(' medium=1;0;;0 ');
    expect(status).to.equal(1);
  });

  it('exits 2 at high severity, whatever --fail-on says', () => {
    for (const more of [[], ['--fail-on', 'none'], ['--fail-on', 'critical']]) {
      const { status, line } = plugin(...more, leaking);
      expect(status).to.equal(2);
      expect(line).to.match(/^SYNOPTIC CRITICAL - .*\(close-wait-leak, /);
    }
  });

  it('exits 3 at damage, and still gives what was read', () => {
    const bytes = readFileSync(clean);
    const { status, line } = plugin(folder.write('cut.pcap', bytes.subarray(0, bytes.length - 10)));
    expect(status).to.equal(3);
    expect(line).to.match(/ is damaged at byte \d+: [^|]+ \| /).and.to.include(' packets=7c');
  });

  it('exits 2 at damage after something grave', () => {
    const bytes = readFileSync(leaking);
    expect(plugin(folder.write('cut-leak.pcap', bytes.subarray(0, bytes.length - 10))).status).to.equal(2);
  });

  const unknown: [string, () => string[], RegExp][] = [
    ['a capture that is not there', () => ['none.pcap'], /none\.pcap: no such file/],
    ['what is no capture', () => [folder.write('text', Buffer.from('hello, world, this is some text\n'))], /text: not a capture/],
    ['an empty file', () => [folder.write('empty', Buffer.alloc(0))], /empty/],
    ['a folder', () => ['.'], /\.: is a directory/],
    ['no capture', () => [], /no capture given/],
    ['an unknown option', () => ['--bogus', clean], /unknown option --bogus/],
    ['an option without its value', () => [clean, '--skip'], /--skip needs a value/],
    ['an unknown rule', () => ['--rules', 'nope', clean], /there is no rule "nope"/],
    ['a bad setting', () => ['--set', 'x=y', clean], /"y" is not a number/],
    ['a bad configuration', () => ['--config', folder.write('bad.json', Buffer.from('{')), clean], /bad\.json/],
    ['an output that cannot be written', () => ['-o', '/nonexistent/x', clean], /cannot write \/nonexistent\/x/],
  ];
  for (const [what, args, pattern] of unknown) {
    it(`exits 3 at ${what}`, () => {
      const { status, line } = plugin(...args());
      expect(status).to.equal(3);
      expect(line).to.match(/^SYNOPTIC UNKNOWN - /).and.to.match(pattern);
    });
  }

  it('exits 3, too, where only the configuration asks for the format', () => {
    for (const args of [['audit'], ['audit', '--bogus', clean], ['nothing'], ['audit', 'none.pcap'], ['audit', '--jobs', '2', clean]]) {
      const { status, line } = configuredPlugin('{"format": "nagios"}', ...args);
      expect(status, line).to.equal(3);
      expect(line).to.match(/^SYNOPTIC UNKNOWN - /);
    }
  });

  it('exits 3 at a configuration that asks for it and is wrong elsewhere', () => {
    for (const config of ['{"audit": {"format": "nagios", "fail-onn": "high"}}', '{"format": "nagios", "quiet": 1}']) {
      expect(configuredPlugin(config, clean)).to.deep.include({ status: 3 });
    }
  });

  it('is what the configuration asks for only where the command has it and the command line asks for nothing else', () => {
    const asked = (config: string, ...args: string[]): unknown => {
      const path = folder.write('asked.json', Buffer.from(config));
      return failureInFormat(['--config', path, ...args, '--bogus'], 'why');
    };
    const unknown = { text: 'SYNOPTIC UNKNOWN - why\n', status: 3 };
    expect(asked('{"format": "nagios"}', 'audit')).to.deep.equal(unknown);
    expect(asked('{"format": "nagios"}', 'x.pcap')).to.deep.equal(unknown);
    expect(asked('{"live": {"format": "nagios"}}', 'live')).to.deep.equal(unknown);
    expect(asked('{"live": {"format": "nagios"}}', 'audit')).to.equal(undefined);
    expect(asked('{"format": "nagios"}', 'audit', '--format', 'json')).to.equal(undefined);
    expect(asked('{"format": "nagios", "audit": {"format": "json"}}', 'audit')).to.equal(undefined);
    expect(asked('{"format": "nagios"}', 'flows')).to.equal(undefined);
    expect(asked('{"format": "nagios"', 'audit')).to.equal(undefined);
    expect(asked('{"format": "nagios"}', '--config=none', 'audit')).to.equal(undefined);
  });

  it('says so on standard output when a file was to hold the line', () => {
    expect(plugin('-o', join(folder.path, 'line'), 'none.pcap').line).to.match(/^SYNOPTIC UNKNOWN - none\.pcap: no such file/);
  });

  it('is asked for in every way to write an option, but not behind --', () => {
    for (const args of [['-f', 'nagios'], ['-fnagios'], ['-f=nagios'], ['--format=nagios'], ['--format', 'json', '-f', 'nagios'], ['--format', 'nagios', '--', 'x']]) {
      expect(failureInFormat(['audit', ...args, '--bogus'], 'why'), args.join(' ')).to.deep.equal({ text: 'SYNOPTIC UNKNOWN - why\n', status: 3 });
    }
    for (const args of [[], ['-f', 'json'], ['--', '--format', 'nagios'], ['-f', 'nagios', '-f', 'text'], ['--format'], ['--format', '--bogus'], ['-f', 'nagio'], ['nagios']]) {
      expect(failureInFormat(['audit', ...args], 'why'), args.join(' ')).to.equal(undefined);
    }
  });

  it('says no more than Nagios reads, and nothing that it would misread, whatever a file is called', () => {
    const name = `${'é'.repeat(60)}|\u001b[31m\n' =;x`;
    const long = join(name, name, name, name, name, name, name, name, name, name, name, name, name, name, name);
    const { status, line } = plugin(long);
    expect(status).to.equal(3);
    expect(line).to.match(/…$/);
    expect(line).not.to.match(/\p{Cc}/u);
  });
});
