import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Ladder, Report, SocketChangeRow, StateRow, TimelineRow } from '../../../src/core/index.ts';
import { RULES, SEVERITIES } from '../../../src/core/index.ts';
import { COMMANDS } from '../../../src/node/cli/commands.ts';
import { run } from '../../../src/node/cli/program.ts';
import { captureOf } from '../../support/conversation-frames.ts';
import { pcap } from '../../support/pcap-writer.ts';
import { refusal } from '../../support/refusal.ts';
import { expectValidReport } from '../../support/validate.ts';

const BIN = fileURLToPath(new URL('../../../../bin/synoptic.js', import.meta.url));
const CLEAN = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK';
const MANY = `repeat 3000 every 0.001 { C# > S SYN; S > C# SYN ACK; C# > S ACK; C# > S FIN ACK; S > C# FIN ACK; C# > S ACK }`;

interface Run {
  status: number | null;
  out: string;
  err: string;
}

describe('synoptic', () => {
  let folder = '';
  let clean = '';
  let leaking = '';

  function file(name: string, bytes: Uint8Array | string): string {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  }

  function synoptic(args: readonly string[], input: Uint8Array = new Uint8Array(0), environment: NodeJS.ProcessEnv = {}): Run {
    const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
      input,
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, SYNOPTIC_LOG: '', XDG_CONFIG_HOME: '', HOME: folder, ...environment },
      maxBuffer: 1 << 28,
    });
    return { status, out: stdout, err: stderr };
  }

  function report(path: string): Report {
    const { out, status } = synoptic(['audit', '--format', 'json', path]);
    expect(status).to.be.oneOf([0, 3]);
    expectValidReport(out);
    return JSON.parse(out) as Report;
  }

  /** Runs in this process, the output in a file: quicker than `synoptic` where streams and exit status do not matter. */
  async function written(args: readonly string[]): Promise<string> {
    const path = join(folder, 'written');
    await run([...args, '-o', path]);
    return readFileSync(path, 'utf8');
  }

  /** Fails unless the run ended with status 2, said nothing on standard output and one line of that pattern on standard error. */
  function expectRefusal(run: Run, pattern: RegExp): void {
    expect(run.err).to.match(/^synoptic: [^\n]*\n$/).and.to.match(pattern);
    expect(run.err).not.to.match(/ {4}at |node:internal/);
    expect(run.out).to.equal('');
    expect(run.status).to.equal(2);
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'synoptic-cli-'));
    clean = file('clean.pcap', captureOf(CLEAN));
    const rule = RULES.find(({ id }) => id === 'close-wait-leak');
    leaking = file('leaking.pcap', captureOf(rule?.examples.flagged[0].conversation ?? ''));
  });

  after(() => rmSync(folder, { recursive: true }));

  describe('commands', () => {
    it('audit says the verdict first', () => {
      const { status, out, err } = synoptic(['audit', clean]);
      expect(out).to.match(/^No problem found in 1 connection\.\n/);
      expect([status, err]).to.deep.equal([0, '']);
      expect(synoptic(['audit', leaking]).out).to.match(/^\d+ problems? in [\d,]+ connections?: /);
    });

    it('audit names the capture in its advice, as a shell reads it, where it is a single file', () => {
      const odd = file("it's one.pcap", readFileSync(leaking));
      const commands = (...captures: string[]): string[] => /synoptic states .+? --at/s.exec(synoptic(['audit', ...captures]).out)![0].split(/\s+/).slice(2, -1);
      expect(commands(leaking)).to.deep.equal([leaking]);
      expect(commands("it's one.pcap")).to.deep.equal(["'it'\\''s", "one.pcap'"]);
      expect(commands(leaking, clean)).to.deep.equal(['CAPTURE']);
      rmSync(odd);
    });

    it('audit gives the same bytes again', () => {
      expect(synoptic(['audit', '-f', 'json', leaking]).out).to.equal(synoptic(['audit', '-f', 'json', leaking]).out);
    });

    it('audit writes NDJSON with the summary last', () => {
      const rows = synoptic(['audit', '--format', 'ndjson', leaking]).out.trim().split('\n').map((line) => JSON.parse(line) as { type: string; flow?: number });
      const { findings, totals } = report(leaking);
      expect(rows.filter(({ type }) => type === 'finding').length).to.equal(findings.length);
      expect(rows.filter(({ type }) => type === 'flow').length).to.equal(totals.flows);
      expect(rows.at(-1)).to.include({ type: 'summary', schema: 'synoptic-report/1' });
    });

    it('audit takes a path as its only word', () => {
      expect(synoptic([clean]).out).to.equal(synoptic(['audit', clean]).out);
    });

    it('take their options before their name, too', () => {
      const { out } = synoptic(['flows', '--format', 'csv', '--fail-on', 'high', clean]);
      expect(synoptic(['--format', 'csv', 'flows', '--fail-on=high', clean]).out).to.equal(out);
      expect(synoptic(['--no-color', '-fcsv', '--fail-on', 'high', 'flows', clean]).out).to.equal(out);
      expect(synoptic(['--diff', '+0.0035s', 'end', 'states', clean]).out).to.match(/changed 1, went 1\n$/);
      expect(synoptic(['--format', 'nagios', clean]).out).to.match(/^SYNOPTIC OK/);
    });

    it('agree on how many words belong to an option', () => {
      for (const one of COMMANDS) {
        for (const other of COMMANDS) {
          for (const [name, { kind, alias }] of Object.entries(one.options)) {
            const same = other.options[name] ?? Object.values(other.options).find((spec) => alias !== undefined && spec.alias === alias);
            const values = (what: string): number => ({ flag: 0, pair: 2 })[what] ?? 1;
            // Options may stand before the command, when it is not known yet.
            if (same !== undefined) expect(values(same.kind), `${one.name} and ${other.name}: ${name}`).to.equal(values(kind));
          }
        }
      }
    });

    it('states tells of a time before the first packet', () => {
      // Who means 60 s after the first packet and forgets the plus.
      expect(synoptic(['states', '--at', '60', clean]).err).to.match(/^synoptic: the time asked for is [\d,]+ d [^\n]*before the first packet, and shows nothing; \+60s is 60 s after it\n$/);
    });

    it('states tells of a time after the last packet', () => {
      expect(synoptic(['states', '--at', 'end', clean]).err).to.equal('');
      expect(synoptic(['states', '--at', '+1h', clean]).err).to.match(/^synoptic: the time asked for is 1 h after the last packet; [^\n]*\n$/);
      expect(synoptic(['states', '--diff', '+0s', '+1h', clean]).err).to.match(/ is 1 h after the last packet/);
      expect(synoptic(['states', '--at', '+1h', '--quiet', clean]).err).to.equal('');
    });

    it('audit calls standard input so', () => {
      expect(synoptic(['audit', '-']).err).to.match(/^synoptic: standard input: not a capture but empty input: /);
      expect(synoptic(['audit', '-'], readFileSync(clean).subarray(0, -1)).err).to.match(/^synoptic: standard input: damaged at byte /);
    });

    it('audit tells of an empty name', () => {
      expect(synoptic(['audit', '']).err).to.equal("synoptic: '': the name of a capture is empty; is a variable of the shell not set?\n");
    });

    it('audit reads standard input', () => {
      const { status, out } = synoptic(['audit', '-', '--format', 'json'], readFileSync(clean));
      expect(status).to.equal(0);
      expectValidReport(out);
      expect((JSON.parse(out) as Report).capture.packets.read).to.equal(8);
    });

    it('audit takes captures behind --, whatever they are called', () => {
      file('-odd.pcap', readFileSync(clean));
      expect(synoptic(['audit', '--format', 'nagios', '--', '-odd.pcap']).out).to.match(/^SYNOPTIC OK/);
    });

    it('flows lists the connections', () => {
      const [header, row] = synoptic(['flows', '--format', 'csv', clean]).out.split('\r\n');
      expect(header.split(',')[0]).to.equal('flow');
      expect(row.split(',').slice(12, 16)).to.deep.equal(['5', '3', '100', '0']);
    });

    it('timeline is NDJSON where the output is no terminal', () => {
      const rows = synoptic(['timeline', clean]).out.trim().split('\n').map((line) => JSON.parse(line) as TimelineRow);
      expect(rows[0]).to.include({ packet: 1, flow: 1, state: 'SYN_SENT' });
      expect(Object.keys(rows[0])).to.deep.equal(['t_ns', 'packet', 'flow', 'local', 'remote', 'state', 'possible']);
    });

    it('states shows the sockets of one instant, of one host', () => {
      const row = JSON.parse(synoptic(['timeline', clean]).out.split('\n')[0]) as TimelineRow;
      const host = row.local.split(':')[0];
      const { out } = synoptic(['states', '--at', '+0.0035s', '--host', host, '--format', 'ndjson', clean]);
      expect(JSON.parse(out)).to.include({ local: row.local, remote: row.remote, state: 'ESTABLISHED', flow: 1, proof: 3 });
      expect(synoptic(['states', '--at', '1999-01-01', clean]).out).to.equal('State  Recv-Q  Send-Q  Local Address:Port  Peer Address:Port  Age  Proof  Flow\n0 sockets\n');
    });

    it('rules lists every rule, and shows one by id or alias', async () => {
      const { out } = synoptic(['rules']);
      expect(await written(['rules'])).to.equal(out);
      for (const { id, aliases } of RULES) {
        expect(out).to.match(new RegExp(`^${id} `, 'm'));
        const page = await written(['rules', id]);
        expect(page).to.match(new RegExp(`^${id}: `));
        // An alias may stand for several rules: ETIMEDOUT for one that nobody answered and for one that fell silent.
        for (const alias of aliases) expect(await written(['rules', alias])).to.contain(page);
      }
    });

    it('rules finds rules by a part of their names', async () => {
      expect(await written(['rules', 'close-wait'])).to.equal(await written(['rules', 'close-wait-leak']));
      const some = RULES.filter(({ id, aliases }) => [id, ...aliases].some((name) => name.toLowerCase().includes('rst'))).map(({ id }) => id);
      expect(some).to.include.members(['rst-abort', 'blind-rst']);
      const { out } = synoptic(['rules', 'RST']);
      expect([...out.matchAll(/^([a-z0-9-]+) {2}/gm)].map(([, id]) => id)).to.deep.equal(some);
      const { rules } = JSON.parse(await written(['rules', 'RST', '--format', 'json'])) as { rules: { id: string }[] };
      expect(rules.map(({ id }) => id)).to.deep.equal(some);
    });

    it('states counts what is sent and not acknowledged at the instant', async () => {
      // Packets are a millisecond apart: 3 completes the handshake, 4 carries 100 bytes, 5 acknowledges them, 6 and 7 are the FINs.
      const queues = async (at: string): Promise<[string, number | null][]> =>
        (await written(['states', '--at', at, '--format', 'ndjson', clean])).trim().split('\n')
          .map((line) => JSON.parse(line) as StateRow)
          .map(({ state, send_queue_bytes }): [string, number | null] => [state, send_queue_bytes]);
      expect(await queues('+0s')).to.deep.equal([['SYN_SENT', 1], ['SYN_RECEIVED', null]]);
      expect(await queues('+0.0035s')).to.deep.equal([['ESTABLISHED', 100], ['ESTABLISHED', 0]]);
      expect(await queues('+0.0045s')).to.deep.equal([['ESTABLISHED', 0], ['ESTABLISHED', 0]]);
      expect(await queues('+0.0055s')).to.deep.equal([['FIN_WAIT_1', 1], ['CLOSE_WAIT', 0]]);
    });

    it('states --diff tells what changed between two instants', async () => {
      const changes = async (...args: string[]): Promise<string[]> =>
        (await written(['states', '--format', 'ndjson', ...args, clean])).trim().split('\n')
          .map((line) => JSON.parse(line) as SocketChangeRow)
          .map(({ change, was, is, proof }) => [change, was, is, proof].join(' '));
      expect(await changes('--diff', '+0.0035s', '+0.0055s')).to.deep.equal(['changed ESTABLISHED FIN_WAIT_1 6', 'changed ESTABLISHED CLOSE_WAIT 7']);
      expect(await changes('--diff', '+0.0035s', 'end')).to.deep.equal(['changed ESTABLISHED TIME_WAIT 8', 'went ESTABLISHED  8']);
      expect(await changes('--diff', '+0.0035s', 'end', '--state', 'time-wait')).to.deep.equal(['changed ESTABLISHED TIME_WAIT 8']);
      expect(synoptic(['states', '--diff', '+0.0035s', 'end', clean]).out).to.match(/changed 1, went 1\n$/);
    });

    it('states says of a capture without TCP that there are no sockets, and nothing of the time', () => {
      const arp = file('arp.pcap', pcap([{ time: 1_700_000_000n * 1_000_000_000n, data: new Uint8Array(42) }]));
      expect(synoptic(['states', '--at', '+1s', arp])).to.deep.include({ status: 0, err: '' }).and.to.have.property('out').that.matches(/\n0 sockets\n$/);
    });

    it('explain draws a connection, and says that nothing is wrong with it', () => {
      const { status, out, err } = synoptic(['explain', '--flow', '1', '--width', '90', clean]);
      expect([status, err]).to.deep.equal([0, '']);
      expect(out).to.match(/^Flow 1: /).and.to.match(/No finding concerns this connection\.\n$/);
      expect(out.match(/#\d+ /g)).to.deep.equal(['#1 ', '#2 ', '#3 ', '#4 ', '#5 ', '#6 ', '#7 ', '#8 ']);
      for (const line of out.split('\n')) expect(line.length).to.be.at.most(90);
      expect(synoptic(['explain', '--flow', '1', '--width', '90', '-'], readFileSync(clean)).out).to.equal(out);
    });

    it('explain goes to the connection of a finding, and draws the packets that it names', async () => {
      const [{ rule, evidence, references }] = report(leaking).findings;
      const ladder = JSON.parse(await written(['explain', '--finding', '1', '--format', 'json', leaking])) as Ladder;
      expect(ladder.flow.flow).to.equal(evidence.flows[0]);
      expect(ladder.findings[0]).to.deep.include({ number: 1, certain: true });
      expect(ladder.findings[0].finding.rule).to.equal(rule);
      expect(ladder.steps.map((step) => step.kind === 'packet' && step.packet)).to.include(evidence.packets[0]);
      const text = await written(['explain', '--finding', '1', leaking]);
      expect(text).to.include(`finding 1 · ${rule}`).and.to.include('Settle by');
      for (const reference of references) expect(text.replaceAll(/\s+/g, ' ')).to.include(reference);
    });

    it('explain writes the format of the file', async () => {
      const path = join(folder, 'flow.svg');
      expect(await run(['explain', '--flow', '1', '-o', path, clean])).to.equal(0);
      expect(readFileSync(path, 'utf8')).to.match(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<svg /);
    });

    it('rules are JSON, too', async () => {
      const { rules, settings } = JSON.parse(await written(['rules', '--format', 'json'])) as { rules: { id: string }[]; settings: object };
      expect(rules.map(({ id }) => id)).to.deep.equal(RULES.map(({ id }) => id));
      expect(settings).to.have.property('flows.maximum');
      expect(JSON.parse(await written(['rules', 'close-wait-leak', '--format', 'json']))).to.deep.equal(rules.find(({ id }) => id === 'close-wait-leak'));
    });

    it('--help has --verbose where it does something', () => {
      expect(COMMANDS.filter(({ options }) => 'verbose' in options).map(({ name }) => name)).to.deep.equal(['audit', 'explain', 'live']);
      expect(synoptic(['flows', '--help']).out).to.include('--quiet  ').and.not.to.include('--verbose');
    });

    it('--version is the version of the package', () => {
      const { version } = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as { version: string };
      expect(synoptic(['--version'])).to.deep.equal({ status: 0, out: `synoptic ${version}\n`, err: '' });
    });

    it('--help shows what there is; without arguments, too', () => {
      const { out, status } = synoptic([]);
      expect(status).to.equal(0);
      expect(synoptic(['--help']).out).to.equal(out);
      expect(synoptic(['help']).out).to.equal(out);
      expect(synoptic(['--no-color', 'audit', '-h']).out).to.equal(synoptic(['audit', '--help']).out);
      for (const command of ['audit', 'flows', 'states', 'timeline', 'packets', 'explain', 'rules']) {
        expect(out).to.include(`synoptic ${command} `);
        const page = synoptic([command, '--help']).out;
        expect(page).to.match(new RegExp(`^Usage: synoptic ${command} `));
        expect(synoptic(['help', command]).out).to.equal(page);
      }
      expect(synoptic(['timeline', '--help']).out.replaceAll(/\s+/g, ' ')).to.include('When left out: by the ending of --output FILE, else text on a terminal, and ndjson in a pipe or file');
      expect(synoptic(['audit', '--help']).out).to.include('nagios').and.to.include('--fail-on').and.not.to.match(/\[(string|boolean|array|required|default)/);
    });
  });

  describe('exit status', () => {
    it('is 1 for a finding at or above --fail-on, else 0', async () => {
      const [worst] = report(leaking).findings;
      const level = SEVERITIES.indexOf(worst.severity);
      for (const [i, severity] of SEVERITIES.entries()) {
        expect(await run(['audit', '-o', join(folder, 'written'), '--fail-on', severity, leaking]), severity).to.equal(i <= level ? 1 : 0);
      }
      expect(synoptic(['audit', '--fail-on', 'none', leaking]).status).to.equal(0);
      expect(synoptic(['flows', '--fail-on', worst.severity, leaking]).status).to.equal(1);
      expect(synoptic(['audit', '--fail-on', 'info', '--skip', RULES.map(({ id }) => id).join(','), leaking]).status).to.equal(0);
    });

    it('is 3 for damage, told with its byte offset, after the report', () => {
      const bytes = readFileSync(clean);
      const damaged = file('damaged.pcap', bytes.subarray(0, bytes.length - 10));
      const { status, out, err } = synoptic(['audit', '--format', 'json', damaged]);
      expect(status).to.equal(3);
      expectValidReport(out);
      const [{ damage, packets }] = (JSON.parse(out) as Report).capture.files;
      expect(packets).to.equal(7);
      expect(err).to.equal(`synoptic: ${damaged}: damaged at byte ${damage?.offset}: ${damage?.reason}; what could be read was analysed\n`);
    });

    it('is the plugin\'s with --format nagios', () => {
      expect(synoptic(['audit', '--format', 'nagios', clean])).to.include({ status: 0 }).and.to.have.property('out').that.matches(/^SYNOPTIC OK - .*\n$/);
      expect(synoptic(['audit', '--format', 'nagios', join(folder, 'none')])).to.include({ status: 3 }).and.to.have.property('out').that.matches(/^SYNOPTIC UNKNOWN - .*\n$/);
    });
  });

  describe('refuses', () => {
    const refused: [string, string[], RegExp][] = [
      ['a mistyped command', ['auidt', 'x.pcap'], /no command auidt; did you mean audit\?/],
      ['a mistyped option', ['audit', '--formt', 'json', 'x.pcap'], /unknown option --formt; did you mean --format\?/],
      ['a mistyped format', ['audit', '--format', 'jsn', 'x.pcap'], /--format jsn: no such choice; did you mean json\?/],
      ['a mistyped severity', ['audit', '--fail-on', 'hihg', 'x.pcap'], /--fail-on hihg: no such choice; did you mean high\?/],
      ['no capture', ['audit'], /no capture given: synoptic audit <capture\.\.\.>/],
      ['an option without its value', ['audit', 'x.pcap', '--format'], /--format needs a value/],
      ['options without a command', ['--format', 'json'], /no command given/],
      ['an option that is none before a word that is nothing', ['--formt', 'json', 'x'], /unknown option --formt; did you mean --format\?/],
      ['a word that is nothing', ['capture'], /there is no file and no command capture; the commands are audit, /],
      ['a path that is nothing', ['./nothing.pcap'], /\.\/nothing\.pcap: there is no such file/],
      ['an unreadable capture', ['audit', 'nothing.pcap'], /nothing\.pcap/],
      ['a folder', ['audit', '.'], /\./],
      ['a setting that is no number', ['audit', '--set', 'flows.maximum=many', 'x.pcap'], /"many" is not a number/],
      ['a setting without a value', ['audit', '--set', 'flows.maximum', 'x.pcap'], /NAME=NUMBER/],
      ['a time that is none', ['states', '--at', 'noon', 'x.pcap'], /--at noon: not a time/],
      ['a host that is no address', ['states', '--host', 'web', 'x.pcap'], /--host web: not an IP address/],
      ['two instants in the wrong order', ['states', '--diff', '+2s', '+1s', 'CLEAN'], /--diff: the second time is before the first/],
      ['an instant and a difference', ['states', '--diff', '+1s', '+2s', '--at', '+1s', 'x.pcap'], /--at and --diff: give one of them/],
      ['a difference that takes the capture for a time', ['states', '--diff', '+1s', 'x.pcap'], /no capture given: .*; --diff takes two values: here \+1s and x\.pcap$/],
      ['a name that Node.js cannot tell', ['audit', 'caf\ufffd.pcap'], /caf\ufffd\.pcap: no such file: its name is not UTF-8; rename it, or give it as standard input: synoptic audit - < FILE$/],
      ['half a difference', ['states', 'x.pcap', '--diff', '+1s'], /--diff needs two values: T1 T2/],
      ['a state that is none', ['states', '--state', 'close-wiat', 'x.pcap'], /--state close-wiat: no such state; did you mean CLOSE_WAIT\?/],
      ['a port that is none', ['states', '--port', '65536', 'x.pcap'], /--port 65536: a port is a number up to 65535/],
      ['to explain nothing', ['explain', 'x.pcap'], /which connection\? Give --flow ID .* or --finding N/],
      ['to explain two things', ['explain', '--flow', '1', '--finding', '1', 'x.pcap'], /--flow and --finding: give one of them/],
      ['a flow that is no number', ['explain', '--flow', 'x', 'x.pcap'], /--flow x: a flow is a number from 1/],
      ['a flow that is not there', ['explain', '--flow', '2', 'CLEAN'], /--flow 2: no such flow; the capture holds 1/],
      ['a flow whose packets are not there', ['packets', '--flow', '2', 'CLEAN'], /--flow 2: no such flow; the capture holds 1/],
      ['rules that are all skipped', ['audit', '--rules', 'syn-flood,slowloris', '--skip', 'slowloris,syn-flood', 'CLEAN'], /^no rule is left to run/],
      ['a rule like no other', ['audit', '--skip', 'nope', 'CLEAN'], /there is no rule "nope"; synoptic rules lists them$/],
      ['a finding that is not there', ['explain', '--finding', '1', 'CLEAN'], /--finding 1: no such finding; there is none/],
      ['a finding of standard input', ['explain', '--finding', '1', '-'], /standard input can be read only once: save it to a file/],
      ['a width that nothing fits in', ['explain', '--flow', '1', '--width', '9', 'x.pcap'], /--width 9: a number of columns from 30 to 1000/],
      ['more than one thread', ['audit', '--jobs', '4', 'x.pcap'], /--jobs 4: this version works in one thread/],
      ['an unknown rule to show', ['rules', 'close-wait-leek'], /did you mean close-wait-leak\?/],
      ['a configuration that is not there', ['audit', '--config', 'none.json', 'x.pcap'], /cannot read the configuration none\.json: no such file or directory$/],
      ['a value for a flag', ['audit', '--quiet=very', 'x.pcap'], /--quiet takes no value/],
      ['an option as the value of another', ['audit', '--format', '--quiet', 'x.pcap'], /--format needs a value/],
      ['a mistyped option before the command', ['--formt', 'audit', 'x.pcap'], /unknown option --formt; did you mean --format\?/],
      ['help on what is no command', ['help', 'auidt'], /no command auidt; did you mean audit\?/],
      ['help on two things', ['help', 'audit', 'flows'], /one command at most/],
    ];
    for (const [what, args, pattern] of refused) {
      it(what, async () => expect(await refusal(args.map((arg) => (arg === 'CLEAN' ? clean : arg)))).to.match(pattern));
    }

    it('in one line, with exit status 2 and without a stack trace', () => {
      for (const [, args, pattern] of refused.slice(0, 3)) expectRefusal(synoptic(args), pattern);
    });

    it('what is no capture', () => {
      expectRefusal(synoptic(['audit', file('notes.txt', 'These are not the packets you are looking for.')]), /notes\.txt/);
    });

    it('a mistyped rule or setting, and names the right one', () => {
      expectRefusal(synoptic(['audit', '--skip', 'close-wait-leek', clean]), /close-wait-leak/);
      expectRefusal(synoptic(['audit', '--set', 'close-wait-leak.minimun=3', clean]), /close-wait-leak\.minimum/);
    });

    it('without letting control characters through', () => {
      expect(synoptic(['audit', '--\u001b[2J=1', clean]).err).to.include('\\x1b[2J').and.not.to.include('\u001b');
      expect(synoptic(['audit', 'no\u001b[2Jne']).err).to.include('\\x1b[2J').and.not.to.include('\u001b');
    });
  });

  describe('output', () => {
    it('goes to a file in the format of its extension', () => {
      const path = join(folder, 'report.json');
      expect(synoptic(['audit', '-o', path, clean])).to.deep.equal({ status: 0, out: '', err: '' });
      expectValidReport(readFileSync(path, 'utf8'));
    });

    it('leaves an older file alone when it fails, and nothing half-written', () => {
      const path = file('kept.json', 'old');
      expectRefusal(synoptic(['audit', '-o', path, 'nothing.pcap']), /nothing\.pcap/);
      expect(readFileSync(path, 'utf8')).to.equal('old');
      expect(readdirSync(folder).filter((name) => name.includes('partial'))).to.deep.equal([]);
    });

    it('follows a link instead of replacing it', () => {
      const target = file('target.txt', '');
      const link = join(folder, 'link.txt');
      symlinkSync(target, link);
      expect(synoptic(['audit', '-o', link, clean]).status).to.equal(0);
      expect(readFileSync(target, 'utf8')).to.match(/^No problem/);
    });

    it('never takes the place of the capture that is read', async () => {
      const bytes = captureOf(CLEAN);
      const capture = file('read.pcap', bytes);
      const link = join(folder, 'link.pcap');
      const other = join(folder, 'hard.pcap');
      symlinkSync(capture, link);
      linkSync(capture, other);
      for (const path of [capture, `${folder}/./read.pcap`, link, other]) {
        for (const args of [['audit', clean, capture], ['extract', '--flow', '1', capture]]) {
          expect(await refusal([...args, '-o', path])).to.equal(`cannot write ${path}: it is the capture to be read; name another file`);
        }
      }
      const fromInput = spawnSync('bash', ['-c', '"$0" "$@" < read.pcap', process.execPath, BIN, 'audit', '-o', 'read.pcap', '-'], { encoding: 'utf8', cwd: folder });
      expect([fromInput.status, fromInput.stderr]).to.deep.equal([2, 'synoptic: cannot write read.pcap: it is the capture to be read; name another file\n']);
      expect(Buffer.compare(readFileSync(capture), bytes)).to.equal(0);
    });

    it('that does not fit is told in one line', () => {
      for (const args of [['audit', clean], ['timeline', clean], ['rules'], ['--help']]) {
        const done = spawnSync('bash', ['-c', '"$0" "$@" > /dev/full', process.execPath, BIN, ...args], { encoding: 'utf8' });
        expect(done.stderr, args[0]).to.equal('synoptic: cannot write standard output: no space left on device\n');
        expect(done.status).to.equal(2);
      }
      expectRefusal(synoptic(['audit', '-o', '/dev/full', clean]), /^synoptic: cannot write \/dev\/full: no space left on device\n$/);
    });

    it('may be a device', () => {
      expect(synoptic(['audit', '-o', '/dev/null', clean]).status).to.equal(0);
    });

    it('to where there is no folder is refused', () => {
      expectRefusal(synoptic(['audit', '-o', join(folder, 'none', 'report.json'), clean]), /cannot write .*report\.json/);
      expect(existsSync(join(folder, 'none'))).to.equal(false);
    });

    it('leaves nothing half-written when it is interrupted, with exit status 130', async () => {
      const inner = join(folder, 'interrupted');
      mkdirSync(inner);
      const child = spawn(process.execPath, [BIN, 'timeline', '-o', join(inner, 'rows.ndjson'), '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
      const ended = once(child, 'exit');
      child.stdin.write(readFileSync(clean));
      while (readdirSync(inner).length === 0) await setTimeout(10);
      // The first one is left to whoever writes into the pipe.
      child.kill('SIGINT');
      const again = setInterval(() => child.kill('SIGINT'), 100);
      expect(await ended).to.deep.equal([130, null]);
      clearInterval(again);
      expect(readdirSync(inner)).to.deep.equal([]);
    });

    it('ends quietly when its reader goes away', () => {
      const many = file('many.pcap', captureOf(MANY));
      const done = spawnSync('bash', ['-c', `set -o pipefail; "${process.execPath}" "${BIN}" timeline "${many}" | head -n 1`], { encoding: 'utf8' });
      expect(done.stderr).to.equal('');
      expect(done.stdout.split('\n').length).to.equal(2);
      expect(done.status).to.equal(0);
    });

    it('has no colour and no progress where there is no terminal', () => {
      const { out, err } = synoptic(['audit', leaking], undefined, { FORCE_COLOR: '1' });
      expect(out + err).not.to.include('\u001b');
    });
  });

  describe('configuration', () => {
    it('gives options that the command line overrules', () => {
      const config = file('config.json', JSON.stringify({ format: 'nagios', skip: ['close-wait-leak'], set: { 'flows.maximum': 1000 } }));
      expect(synoptic(['audit', '--config', config, clean]).out).to.match(/^SYNOPTIC OK/);
      const { out } = synoptic(['audit', '--config', config, '--format', 'json', '--set', 'report.evidence=3', clean]);
      expect((JSON.parse(out) as Report).tool.options).to.deep.equal({ skip: ['close-wait-leak'], set: { 'flows.maximum': 1000, 'report.evidence': 3 } });
    });

    it('is read from where the user keeps such files, unless told not to', () => {
      mkdirSync(join(folder, 'synoptic'), { recursive: true });
      const own = file(join('synoptic', 'config.json'), '{"audit": {"format": "nagios"}}');
      const audit = (...args: string[]): string => synoptic(['audit', ...args, clean], undefined, { XDG_CONFIG_HOME: folder }).out;
      expect(audit()).to.match(/^SYNOPTIC OK/);
      expect(audit('--format', 'text')).to.match(/^No problem/);
      expect(audit('--config', 'none')).to.match(/^No problem/);
      expect(audit('--config', '/dev/null')).to.match(/^No problem/);
      rmSync(own);
      expect(audit()).to.match(/^No problem/);
    });

    it('that is wrong is refused with the name of the file', async () => {
      const wrong = file('wrong.json', '{"formt": "json"}');
      expect(await refusal(['audit', '--config', wrong, clean])).to.equal(`${wrong}: unknown option formt; did you mean format?`);
    });
  });

  it('logs on request, to standard error', () => {
    const { out, err } = synoptic(['audit', clean], undefined, { SYNOPTIC_LOG: 'info' });
    expect(JSON.parse(err)).to.include({ name: 'synoptic', msg: 'analysed', packets: 8, flows: 1 });
    expect(out).to.match(/^No problem/);
  });
});
