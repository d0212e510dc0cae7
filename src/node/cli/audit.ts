import { REPORT_FORMATS } from '../../core/index.ts';
import { analysisOptions } from './analysis.ts';
import type { Command } from './command.ts';
import { CAPTURE_OPTIONS, VERBOSE } from './options.ts';
import { chooseFormat, formatOption, Session } from './session.ts';

export const audit: Command = {
  name: 'audit',
  summary: 'say what is wrong with the connections in a capture',
  operand: { name: 'capture', count: 'some', summary: 'capture files, read as one stream; - is standard input' },
  options: { format: formatOption(REPORT_FORMATS), verbose: VERBOSE, ...CAPTURE_OPTIONS },
  examples: [
    ['synoptic audit server.pcap', 'the verdict, and what supports it'],
    ['synoptic audit ring.pcap0 ring.pcap1 ring.pcap2', 'a rotated ring as one capture'],
    ["ssh host \"sudo tcpdump -i any -U -s 128 -w - 'tcp and not port 22'\" | synoptic audit -", 'another machine, until Ctrl-C'],
    ['synoptic audit --format json -o report.json --fail-on high server.pcap', 'for a script: exit status 1 when something is grave'],
  ],
  async run(captures, values) {
    const format = chooseFormat(REPORT_FORMATS, values, REPORT_FORMATS[0]);
    const { events } = format;
    const session = new Session(values, events !== undefined);
    try {
      const report = await session.analyse(captures, analysisOptions(values), events === undefined ? {} : {
        finding(finding) {
          session.write(events.finding(finding));
          session.flush();
        },
        flow(row, isRevised) {
          session.write(events.flow(row, isRevised));
        },
      });
      for (const piece of format.render(report, session.renderFor(captures, report))) session.write(piece);
      const status = session.conclude(report, format.failure !== undefined);
      return format.exitStatus?.(report) ?? status;
    } finally {
      session.discard();
    }
  },
};
