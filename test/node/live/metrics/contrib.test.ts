import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { RULES } from '../../../../src/core/index.ts';
import { audit } from '../../../../src/node/cli/audit.ts';
import { readConfiguration } from '../../../../src/node/cli/config.ts';
import { live } from '../../../../src/node/cli/live.ts';
import { monitoringOptions } from '../../../../src/node/cli/monitoring.ts';
import { valuesOf } from '../../../../src/node/cli/options.ts';
import { METRICS } from '../../../../src/node/live/metrics/catalogue.ts';
import { describeWith, runProgram } from './programs.ts';

const CONTRIB = fileURLToPath(new URL('../../../../../contrib/', import.meta.url));

interface Panel {
  id: number;
  title: string;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; refId: string }[];
}

interface Dashboard {
  uid: string;
  title: string;
  panels: Panel[];
  templating: { list: { name: string; type: string; definition?: string }[] };
}

function read(path: string): string {
  return readFileSync(join(CONTRIB, path), 'utf8');
}

/** Labels by the name of every series that a scrape gives; histograms give three kinds. */
const SERIES = new Map(METRICS.flatMap(({ name, type, labels }): [string, readonly string[]][] =>
  type === 'histogram'
    ? [[`${name}_bucket`, [...labels, 'le']], [`${name}_sum`, labels], [`${name}_count`, labels]]
    : [[name, labels]],
));

/** Of every target: added by Prometheus. */
const TARGET_LABELS = ['instance', 'job'];

/** What is wrong with the metrics and labels in a text of PromQL, one line each. */
function faults(text: string): string[] {
  return [...text.matchAll(/\b((?:synoptic|process)_\w+)(?:\{([^}]*)\})?/g)].flatMap(([, name = '', selector = '']) => {
    const labels = SERIES.get(name);
    if (labels === undefined) return [`there is no metric ${name}`];
    const used = [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label);
    return used.filter((label) => ![...labels, ...TARGET_LABELS].includes(label)).map((label) => `${name} has no label ${label}`);
  });
}

describe('contrib/grafana/synoptic.json', () => {
  const dashboard = JSON.parse(read('grafana/synoptic.json')) as Dashboard;
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');
  const expressions = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

  it('asks for metrics and labels that there are', () => {
    expect(expressions).to.have.lengthOf.above(20);
    for (const { title, expr } of expressions) expect(faults(expr), title).to.deep.equal([]);
    for (const { name, definition } of dashboard.templating.list) expect(faults(definition ?? ''), name).to.deep.equal([]);
  });

  it('uses no variable but its own and those of Grafana', () => {
    const own = dashboard.templating.list.map(({ name }) => name);
    const used = new Set([...read('grafana/synoptic.json').matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name).filter((name) => !name.startsWith('__')));
    expect([...used]).to.have.members(own);
  });

  it('has panels apart from one another, each with a number, a title and a query', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).to.equal(dashboard.panels.length);
    const places = new Set<string>();
    for (const { title, gridPos: { x, y, w, h } } of dashboard.panels) {
      expect(x + w, title).to.be.at.most(24);
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          expect(places.has(`${column} ${line}`), `${title} lies on another panel`).to.equal(false);
          places.add(`${column} ${line}`);
        }
      }
    }
    for (const { title, targets } of panels) {
      expect(title).not.to.equal('');
      expect(targets, title).not.to.have.lengthOf(0);
      expect(new Set(targets!.map(({ refId }) => refId)).size, title).to.equal(targets!.length);
    }
  });

  it('shows every metric but those that only name or date things', () => {
    const shown = new Set(expressions.flatMap(({ expr }) => [...expr.matchAll(/\b(?:synoptic|process)_\w+/g)].map(([name]) => name.replace(/_bucket$/, ''))));
    const left = METRICS.map(({ name }) => name).filter((name) => !shown.has(name));
    expect(left).to.deep.equal([
      'synoptic_build_info',
      'synoptic_source_info',
      'synoptic_first_packet_timestamp_seconds',
      'synoptic_last_packet_timestamp_seconds',
      'synoptic_retransmitted_segments_total',
      'synoptic_finding_occurrences',
      'synoptic_close_wait_leak_exhaustion_seconds',
      'process_heap_bytes',
      'process_start_time_seconds',
      'process_open_fds',
    ]);
  });
});

describe('contrib/prometheus', () => {
  for (const file of ['synoptic.rules.yml', 'synoptic.rules.test.yml']) {
    it(`${file} names metrics and labels that there are`, () => expect(faults(read(`prometheus/${file}`))).to.deep.equal([]));
  }

  it('tests every alert', () => {
    const alerts = [...read('prometheus/synoptic.rules.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    const tested = new Set([...read('prometheus/synoptic.rules.test.yml').matchAll(/alertname: (\w+)/g)].map(([, name]) => name));
    expect(alerts).to.have.lengthOf.above(5);
    expect([...tested]).to.have.members(alerts);
  });
});

describeWith(['promtool'], 'contrib/prometheus, as promtool sees it', () => {
  it('check rules', () => {
    const { status, output } = runProgram('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', join(CONTRIB, 'prometheus/synoptic.rules.yml')]);
    expect(status, output).to.equal(0);
  });

  it('test rules', () => {
    const { status, output } = runProgram('promtool', ['test', 'rules', join(CONTRIB, 'prometheus/synoptic.rules.test.yml')]);
    expect(status, output).to.equal(0);
  });

  it('check config', () => {
    const { status, output } = runProgram('promtool', ['check', 'config', join(CONTRIB, 'prometheus/scrape.yml')]);
    expect(status, output).to.equal(0);
  });

  it('understands every query of the dashboard', () => {
    const { panels } = JSON.parse(read('grafana/synoptic.json')) as Dashboard;
    const rules = panels.flatMap(({ targets = [] }) => targets).map(({ expr }, index) => ({
      record: `query:${index}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
    }));
    const folder = mkdtempSync(join(tmpdir(), 'synoptic-rules-'));
    // JSON is YAML.
    writeFileSync(join(folder, 'queries.yml'), JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    const { status, output } = runProgram('promtool', ['check', 'rules', join(folder, 'queries.yml')]);
    rmSync(folder, { recursive: true });
    expect(status, output).to.equal(0);
  });
});

describe('contrib/synoptic.service', () => {
  const unit = read('synoptic.service');

  it('gives options that there are', () => {
    const [, line = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    // npm puts it into /usr/local/bin or /usr/bin: systemd looks in both for a name alone.
    expect(line).to.match(/^synoptic live /);
    for (const [, option = ''] of line.matchAll(/ --([a-z-]+)/g)) expect(live.options).to.have.property(option);
  });

  it('keeps every connection out of the journal, and says what becomes of the source', () => {
    const [, line = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    expect(line).to.include('--format ndjson --no-flows').and.not.to.include('--quiet');
  });

  it('leaves it to synoptic to end tcpdump, which must give away its last packets first', () => {
    expect(unit.split('\n')).to.include('KillMode=mixed');
  });

  it('holds what the privileges of a listener are, and no more', () => {
    for (const line of ['DynamicUser=yes', 'AmbientCapabilities=CAP_NET_RAW', 'CapabilityBoundingSet=CAP_NET_RAW', 'NoNewPrivileges=yes', 'ProtectSystem=strict']) {
      expect(unit.split('\n')).to.include(line);
    }
  });
});

describeWith(['systemd-analyze'], 'contrib/synoptic.service, as systemd sees it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'synoptic-unit-'));
  const path = join(folder, 'synoptic.service');

  // The program need not be installed where the test runs.
  before(() => writeFileSync(path, read('synoptic.service').replace('ExecStart=synoptic', `ExecStart=${process.execPath}`)));
  after(() => rmSync(folder, { recursive: true }));

  it('verify', () => expect(runProgram('systemd-analyze', ['verify', path])).to.deep.equal({ status: 0, output: '' }));

  it('security: little is exposed', () => {
    // Of 100, where 100 is a service that may do everything.
    const { status, output } = runProgram('systemd-analyze', ['security', '--offline=true', '--threshold=20', '--no-pager', path]);
    expect(status, output).to.equal(0);
  });
});

describe('contrib/synoptic.config.json', () => {
  it('is read by synoptic live', () => {
    const values = valuesOf(...readConfiguration(join(CONTRIB, 'synoptic.config.json'), live));
    expect(monitoringOptions(values)).to.deep.include({ listen: { host: '127.0.0.1', port: 9469 }, top: 20 });
  });
});

describe('contrib/nagios', () => {
  for (const file of ['synoptic.cfg', 'icinga2.conf']) {
    it(`${file} gives options and rules that there are`, () => {
      const text = read(`nagios/${file}`);
      const options = [...text.matchAll(/["\s]--([a-z-]+)/g)].map(([, name = '']) => name);
      expect(options).to.include('format');
      for (const option of options) expect(audit.options).to.have.property(option);
      const skipped = [...text.matchAll(/skip = "([\w,-]+)/g)].flatMap(([, ids = '']) => ids.split(','));
      expect(RULES.map(({ id }) => id)).to.include.members(skipped);
    });
  }
});

describe('contrib', () => {
  it('is told of in docs/monitoring.md, file by file', () => {
    const page = readFileSync(join(CONTRIB, '../docs/monitoring.md'), 'utf8');
    const files = readdirSync(CONTRIB, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(CONTRIB, path)).isFile());
    for (const file of files) expect(page).to.include(`contrib/${file}`);
    for (const [path] of page.matchAll(/contrib\/[\w./-]*\w/g)) expect(existsSync(join(CONTRIB, '..', path)), path).to.equal(true);
  });
});
