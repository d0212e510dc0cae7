import { expect } from 'chai';
import { PLAIN } from '../../../src/core/formats/format.ts';
import { text } from '../../../src/core/formats/text.ts';
import type { Report } from '../../../src/core/report/report.ts';
import { sampleFinding, sampleReport, sampleServer } from '../../support/sample-report.ts';

function lines(report: Report, width = 100, verbose = false): string[] {
  return [...text.render(report, { ...PLAIN, width, verbose })].join('').split('\n');
}

/** Without line breaks and indentation: what it says, however it is broken. */
function words(report: Report, width = 100, verbose = false): string {
  return lines(report, width, verbose).join(' ').replaceAll(/ +/g, ' ');
}

const HOSTILE = 'evil\u001b[2J\u001b]0;title\u0007\nNo problem found\u009b31m\u202egnp.pcap';

function hostileReport(): Report {
  const report = sampleReport();
  report.capture.files[0].name = HOSTILE;
  report.capture.files[0].damage = { offset: 4096, reason: `record of 4294967295 bytes ${HOSTILE}` };
  report.findings[0].title = HOSTILE;
  report.findings[0].doubts = [HOSTILE];
  report.findings[0].facts = { [HOSTILE]: HOSTILE };
  return report;
}

describe('text report', () => {
  for (const width of [40, 80, 200]) {
    it(`keeps within ${width} columns but for words that cannot be broken`, () => {
      const unbreakable = /\S{26,}/;
      const crowded = sampleReport({
        findings: [sampleFinding({ severity: 'info' })],
        servers: Array.from({ length: 30 }, (_, index) => sampleServer({ endpoint: `10.0.0.${index}:80` })),
      });
      expect(words(crowded)).to.include('and 18 more servers').and.to.include('1 finding at info severity not shown');
      for (const [report, verbose] of [[sampleReport(), true], [hostileReport(), true], [crowded, false]] as const) {
        for (const line of lines(report, width, verbose)) {
          if (!unbreakable.test(line)) expect(line.length, line).to.be.at.most(width);
        }
      }
    });

    it(`lets no control character through at ${width} columns`, () => {
      const output = lines(hostileReport(), width, true).join('');
      expect(Array.from(output).filter((character) => /[\p{Cc}\p{Bidi_Control}]/u.test(character))).to.deep.equal([]);
    });
  }

  it('gives severities and labels lines of their own where the terminal is narrow', () => {
    const output = lines(sampleReport({ findings: [sampleFinding({ facts: { cause: 'never read', open_episodes: 124 } })] }), 40);
    expect(output.slice(output.indexOf('HIGH'), output.indexOf('HIGH') + 3)).to.deep.equal(['HIGH', '  The application does not close its', '  connections']);
    expect(output.slice(output.indexOf('  Facts'), output.indexOf('  Facts') + 3)).to.deep.equal(['  Facts', '    cause: never read · ', '    open episodes: 124'].map((line) => line.trimEnd()));
    expect(output.slice(output.indexOf('  Next')).slice(0, 3)).to.deep.equal(['  Next', '    ss -tnp state close-wait sport = \\', '    :8080']);
  });

  it('names the capture in the commands of its advice', () => {
    const report = sampleReport({ findings: [sampleFinding({ advice: ["tcpdump -nr CAPTURE 'tcp port 8080'", 'RECAPTURE'] })] });
    expect(words(report)).to.include("Next tcpdump -nr CAPTURE 'tcp port 8080' RECAPTURE");
    const named = [...text.render(report, { ...PLAIN, capture: "'$& b.pcap'" })].join('');
    expect(named).to.include("Next      tcpdump -nr '$& b.pcap' 'tcp port 8080'\n").and.to.include(' RECAPTURE\n');
  });

  it('calls standard input so', () => {
    const report = sampleReport();
    report.capture.files[0].name = '-';
    report.capture.files[0].damage = { offset: 4096, reason: 'cut' };
    expect(words(report)).to.include('standard input is damaged at byte 4,096').and.to.match(/ standard input \(pcap/);
  });

  it('uses the width it has', () => {
    expect(lines(sampleReport(), 80).length).to.be.above(lines(sampleReport(), 110).length);
  });

  it('says of which bytes the offset of a damage is, where the capture is compressed', () => {
    const report = sampleReport();
    report.capture.files[0].compression = 'gzip';
    report.capture.files[0].damage = { offset: 4096, reason: 'the gzip data end early' };
    expect(words(report)).to.include(' is damaged at byte 4,096 of the decompressed data (the gzip data end early); ');
  });

  it('shows a hostile file name escaped', () => {
    expect(words(hostileReport())).to.include('evil\\x1b[2J\\x1b]0;title\\x07\\x0aNo problem found\\x9b31m\\u{202e}gnp.pcap is damaged at byte 4,096');
  });

  it('says the verdict first', () => {
    expect(words(sampleReport())).to.match(
      /^2 problems in 1,204 connections: 1 high, 1 medium\. The gravest: The application does not close its connections \(10\.0\.0\.5:8080\)\. /,
    );
  });

  it('says that nothing was found', () => {
    expect(lines(sampleReport({ findings: [] }))[0]).to.equal('No problem found in 1,204 connections.');
  });

  it('says how few rules found nothing', () => {
    const report = sampleReport({ findings: [] });
    report.tool.options = { rules: ['syn-flood', 'slowloris', 'syn-flood', 'tfo'], skip: ['tfo'] };
    expect(lines(report)[0]).to.equal('No problem found in 1,204 connections by the 2 rules asked for.');
    report.tool.options = { rules: ['syn-flood'] };
    expect(lines(report)[0]).to.equal('No problem found in 1,204 connections by the one rule asked for.');
  });

  it('does not take a capture without connections for a healthy one', () => {
    const report = sampleReport({ findings: [], servers: [] });
    report.totals.flows = 0;
    expect(lines(report)[0]).to.equal('No TCP connection in 12,345 packets: there is nothing to judge.');
  });

  it('speaks in the singular of one connection', () => {
    const report = sampleReport({ findings: [sampleFinding({ count: 1 })] });
    report.totals.flows = 1;
    report.capture.quality.one_way_flows = 1;
    report.capture.quality.lost_estimate = 1;
    const said = words(report);
    expect(said).to.match(/^1 problem in 1 connection: 1 high\. /);
    expect(said).to.include('Every connection shows one direction only');
    expect(said).to.include('About 1 segment that the ends exchanged is missing');
    expect(said).not.to.include('times');
  });

  it('says what the capture cannot support', () => {
    const report = sampleReport();
    report.capture.quality.kernel_drops = 250;
    report.totals.evicted = { flows: 12, oldest_age_seconds: 90 };
    const said = words(report);
    for (const sentence of [
      'The capture says that it dropped 250 packets.',
      'About 17 segments that the ends exchanged are missing from the capture.',
      "3 of 1,204 connections show one direction only: the other end's state is inferred.",
      '1 of 1,204 connections was under way when the capture began.',
      '12 idle connections had to be forgotten',
    ]) {
      expect(said).to.include(sentence);
    }
  });

  it('says that a filter left segments out, though that is a note', () => {
    const report = sampleReport();
    report.findings = [{ ...sampleFinding(), rule: 'capture-loss', severity: 'info', subject: { kind: 'capture' }, facts: { fault: 'filtered', kept: 'SYN, FIN and RST' } }];
    expect(words(report)).to.include('It seems to hold only some segments (SYN, FIN and RST): a capture filter left the others out.');
    report.findings[0].facts = { fault: 'cut' };
    expect(words(report)).to.not.include('only some segments');
  });

  it('gives a finding with its subject, time, facts, evidence, doubts, advice and references', () => {
    const said = words(sampleReport());
    for (const part of [
      'HIGH The application does not close its connections',
      'close-wait-leak · 10.0.0.5:8080 · 124 times · medium confidence',
      '2024-05-01T12:00:03.123456789Z, over 13 min 7 s',
      'open episodes: 124',
      'hold p95: 5 min 42 s',
      'lost: 14.5 kB',
      'unread share: 12.5 %',
      'cause: never read',
      'Evidence packets 12, 45, 88; flows 1, 4, 9 and 121 more',
      'Doubts 3 % of the segments are missing from the capture',
      'Next ss -tnp state close-wait sport = :8080 lsof -nP -iTCP:8080 -sTCP:CLOSE_WAIT',
      'See RFC 9293 §3.6, RFC 1122 §4.2.2.13',
    ]) {
      expect(said).to.include(part);
    }
  });

  it('says of many facts and packets the first, and nothing of what is not known, until asked for all', () => {
    const facts = { median_seconds: null, ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`fact_${i}`, i])) };
    const evidence = { flows: [], packets: Array.from({ length: 20 }, (_, i) => 101 + i), more: { flows: 0, packets: 1000 } };
    const report = sampleReport({ findings: [sampleFinding({ facts, evidence })] });
    const brief = words(report);
    expect(brief).to.include('Facts fact 0: 0 · fact 1: 1 · ').and.to.include('fact 9: 9 · 2 more Evidence packets 101, ');
    expect(brief).to.include('107, 108 and 1,012 more');
    expect(words(report, 100, true)).to.include('fact 11: 11').and.to.include('119, 120 and 1,000 more').and.not.to.include('median');
  });

  it('takes the unit of a fact from its name, nested facts included', () => {
    const facts = { seconds_until_open_files: { 1024: 41, 4096: 195 }, busiest_peer: { host: '10.0.0.9', sent_bytes: 2000 }, speaks_for: ['bound', 'growth'] };
    expect(words(sampleReport({ findings: [sampleFinding({ facts })] }))).to.include(
      'Facts seconds until open files: (1024 41 s, 4096 3 min 15 s) · busiest peer: (host 10.0.0.9, sent 2 kB) · speaks for: bound, growth',
    );
  });

  it('hides notes, says how many, and shows them when asked', () => {
    const brief = words(sampleReport());
    expect(brief).not.to.include('One connection was under way');
    expect(brief).to.include('1 finding at info severity not shown: see it with --verbose.');
    const full = words(sampleReport(), 100, true);
    expect(full).to.include('INFO One connection was under way');
    expect(full).not.to.include('not shown');
  });

  it('lists the servers', () => {
    const output = lines(sampleReport(), 200);
    const header = output.findIndex((line) => line.startsWith('Server'));
    expect(output[header]).to.match(/^Server +Flows +Outcomes +States at the end +SYN-ACK p50 +p95 +Sent again$/);
    expect(output[header + 1]).to.match(/^10\.0\.0\.5:8080 +200 +half-closed 124, closed 70, reset 6 +CLOSE_WAIT 124 +85 µs +1\.25 ms +0\.31 %$/);
    expect(output[header + 2]).to.match(/^\[2001:db8::1\]:443 +4 .* - +- +0\.31 %$/);
  });

  it('lists no more than a dozen servers', () => {
    const servers = Array.from({ length: 15 }, (_, i) => sampleServer({ endpoint: `10.0.0.${i}:80` }));
    const said = words(sampleReport({ servers }));
    expect(said).to.include('10.0.0.11:80').and.not.to.include('10.0.0.12:80');
    expect(said).to.include('and 3 more servers');
  });

  it('tells what was read and what was left out', () => {
    expect(words(sampleReport())).to.include(
      'server.pcap (pcap, taken at the server): 12,345 packets from 2024-05-01T12:00:03.123456789Z, over 13 min 20 s. ' +
        '12,300 analysed; left out: not tcp 40, not ip 5. Of these, 12 put together by offload.',
    );
  });

  it('paints meaning, not decoration', () => {
    const painted: string[] = [];
    const paint = (style: string, part: string): string => {
      painted.push(`${style}: ${part.trim()}`);
      return part;
    };
    [...text.render(sampleReport(), { ...PLAIN, paint })].join('');
    expect(painted).to.include('high: HIGH').and.to.include('medium: MEDIUM').and.to.include('command: lsof -nP -iTCP:8080 -sTCP:CLOSE_WAIT');
  });
});
