import { expect } from 'chai';
import { PLAIN } from '../../../src/core/formats/format.ts';
import { nagios } from '../../../src/core/formats/nagios.ts';
import type { Report, Severity } from '../../../src/core/report/report.ts';
import { sampleFinding, sampleReport } from '../../support/sample-report.ts';

function run(report: Report): [number | undefined, string] {
  return [nagios.exitStatus?.(report), [...nagios.render(report, PLAIN)].join('')];
}

function withSeverities(...severities: Severity[]): Report {
  return sampleReport({ findings: severities.map((severity) => sampleFinding({ severity })) });
}

describe('Nagios plugin', () => {
  const cases: [Severity[], number, string][] = [
    [[], 0, 'OK'],
    [['info'], 0, 'OK'],
    [['low'], 0, 'OK'],
    [['medium', 'low'], 1, 'WARNING'],
    [['high'], 2, 'CRITICAL'],
    [['critical', 'medium'], 2, 'CRITICAL'],
  ];
  for (const [severities, status, word] of cases) {
    it(`says ${word} to ${severities.join(' and ') || 'nothing'}`, () => {
      const [exit, line] = run(withSeverities(...severities));
      expect(exit).to.equal(status);
      expect(line).to.match(new RegExp(`^SYNOPTIC ${word} - [^|\n]+ \\| [^|\n]+\n$`));
    });
  }

  it('does not call good what was not there to judge', () => {
    const empty = withSeverities();
    empty.totals.flows = 0;
    expect(run(empty)).to.deep.equal([0, run(empty)[1]]);
    expect(run(empty)[1]).to.match(/^SYNOPTIC OK - no TCP connection in [\d,]+ packets: nothing to judge \| critical=0;/);
  });

  it('says UNKNOWN to damage, but not instead of what was found', () => {
    const damaged = withSeverities();
    damaged.capture.files[0].damage = { offset: 100, reason: 'the file | ends' };
    expect(run(damaged)).to.deep.equal([3, run(damaged)[1]]);
    expect(run(damaged)[1]).to.include('UNKNOWN - server.pcap is damaged at byte 100: the file / ends |');
    damaged.findings = [sampleFinding()];
    expect(run(damaged)[0]).to.equal(2);
  });

  it('gives performance data', () => {
    const [, line] = run(sampleReport());
    expect(line.split(' | ')[1]).to.equal(
      'critical=0;;0;0 high=1;;0;0 medium=1;0;;0 low=0;;;0 connections=1204;;;0 syn_received=0;;;0 established=0;;;0 close_wait=124;;;0 time_wait=0;;;0 packets=12345c\n',
    );
  });

  it('stays below the 4 kB that Nagios reads, in UTF-8, and cuts no character in two', () => {
    for (const letter of ['x', '€', '😀']) {
      for (const shift of ['', 'y']) {
        const [, line] = run(sampleReport({ findings: [sampleFinding({ title: shift + letter.repeat(5000) })] }));
        expect(Buffer.byteLength(line)).to.be.below(4096);
        expect(line).to.match(/^SYNOPTIC CRITICAL - .*… \| critical=/);
        expect(Buffer.from(line).toString()).to.equal(line);
      }
    }
  });

  it('says UNKNOWN when there is no report', () => {
    expect(nagios.failure?.('no such | file\n')).to.deep.equal({ text: 'SYNOPTIC UNKNOWN - no such / file\\x0a\n', status: 3 });
  });
});
