import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CAPTURE = join(ROOT, 'fixtures', 'leaking-server', 'capture.pcap');

interface Run {
  status: number | null;
  out: string;
  err: string;
}

function node(args: readonly string[], environment: NodeJS.ProcessEnv = {}, input: string | Uint8Array = ''): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    input,
    encoding: 'utf8',
    env: { ...process.env, SYNOPTIC_LOG: '', SYNOPTIC_UNBUNDLED: '', ...environment },
    maxBuffer: 1 << 28,
  });
  return { status, out: stdout, err: stderr };
}

describe('the bundle', () => {
  before(() => {
    const script = "import('./tools/project.js').then(({ ensureBundled }) => ensureBundled())";
    const { status, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8', env: { ...process.env, SYNOPTIC_UNBUNDLED: '' } });
    expect(status, stderr).to.equal(0);
  });

  const lines: (readonly string[])[] = [
    ['audit', '--verbose', CAPTURE],
    ['audit', '--format', 'json', CAPTURE],
    ['audit', '--format', 'ndjson', '--fail-on', 'high', CAPTURE],
    ['audit', '--reader', 'pcap-parser', '--format', 'json', join(ROOT, 'fixtures', 'close-client', 'capture.pcap')],
    ['flows', '--format', 'csv', CAPTURE],
    ['states', '--at', '+5s', CAPTURE],
    ['explain', '--finding', '1', CAPTURE],
    ['rules', 'close-wait-leak'],
    ['rules', '--format', 'json'],
    ['rules', '--rules-from', join(ROOT, 'docs', 'examples', 'own-rule.js'), '--format', 'json'],
    ['audit', '--help'],
    ['--version'],
    ['auidt'],
    ['audit', '--skip', 'nothing', CAPTURE],
    ['audit', join(ROOT, 'package.json')],
  ];
  for (const args of lines) {
    it(`says and writes what the modules do: ${args.join(' ').replaceAll(ROOT, '')}`, () => {
      const bin = join(ROOT, 'bin', 'synoptic.js');
      const bundled = node([bin, ...args]);
      expect(bundled).to.deep.equal(node([bin, ...args], { SYNOPTIC_UNBUNDLED: '1' }));
      expect(bundled.status).to.be.oneOf([0, 1, 2]);
      expect(bundled.out + bundled.err).not.to.equal('');
    });
  }

  it('logs', () => {
    const { err } = node([join(ROOT, 'bin', 'synoptic.js'), 'audit', CAPTURE], { SYNOPTIC_LOG: 'info' });
    expect(JSON.parse(err)).to.include({ msg: 'analysed', packets: 2200, flows: 300 });
  });

  it('comes with code that V8 accepts', () => {
    const script = "import('./bin/bundle.js').then(({ loadBundle }) => console.log(loadBundle().script?.cachedDataRejected))";
    const { stdout } = spawnSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
    expect(stdout).to.equal('false\n');
  });

  describe('is started', () => {
    let folder = '';
    const dist = (...names: string[]): string => join(folder, 'dist', ...names);
    const started = (environment: NodeJS.ProcessEnv = {}): string => node([join(folder, 'bin', 'synoptic.js')], environment).out;
    const says = (what: string): string => `console.log('${what}'); return 0;`;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'synoptic-bundle-'));
      cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
      mkdirSync(dist('src', 'node', 'cli'), { recursive: true });
      mkdirSync(dist('bundle'));
      writeFileSync(dist('src', 'node', 'cli', 'main.js'), `export async function main() { ${says('modules')} }`);
      writeFileSync(dist('bundle', 'synoptic.cjs'), `module.exports.main = async () => { ${says('bundle')} };`);
      writeFileSync(dist('node.tsbuildinfo'), '');
      utimesSync(dist('node.tsbuildinfo'), 1000, 1000);
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('where it is there, and newer than the modules', () => {
      expect(started()).to.equal('bundle\n');
      expect(started({ SYNOPTIC_UNBUNDLED: '1' })).to.equal('modules\n');
      utimesSync(dist('bundle', 'synoptic.cjs'), 999, 999);
      expect(started()).to.equal('modules\n');
      rmSync(dist('bundle'), { recursive: true });
      expect(started()).to.equal('modules\n');
    });

    it('in an installed package, which has no record of a compilation', () => {
      rmSync(dist('node.tsbuildinfo'));
      utimesSync(dist('bundle', 'synoptic.cjs'), 1, 1);
      expect(started()).to.equal('bundle\n');
    });

    it('without a trace in the folder for temporary files', () => {
      const temporary = join(folder, 'temporary');
      mkdirSync(temporary);
      expect(node([join(folder, 'bin', 'synoptic.js')], { TMPDIR: temporary, NODE_OPTIONS: '' }).out).to.equal('bundle\n');
      expect(readdirSync(temporary)).to.deep.equal([]);
    });

    it('with compiled code that is none, too', () => {
      writeFileSync(`${dist('bundle', 'synoptic.cjs')}.${process.versions.v8}-${process.arch}`, 'nonsense');
      expect(started()).to.equal('bundle\n');
    });
  });
});
