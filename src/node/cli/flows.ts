import { FLOW_FORMATS } from '../../core/index.ts';
import { analysisOptions } from './analysis.ts';
import type { Command } from './command.ts';
import { CAPTURE_OPTIONS } from './options.ts';
import { chooseFormat, formatOption, Session } from './session.ts';

export const flows: Command = {
  name: 'flows',
  summary: 'list the connections, one row each, in the order in which they end',
  operand: { name: 'capture', count: 'some', summary: 'capture files, read as one stream; - is standard input' },
  options: { format: formatOption(FLOW_FORMATS), ...CAPTURE_OPTIONS },
  examples: [['synoptic flows -o flows.csv server.pcap', 'for a spreadsheet']],
  async run(captures, values) {
    const session = new Session(values, true);
    try {
      const rows = chooseFormat(FLOW_FORMATS, values, FLOW_FORMATS[0]).open(session.render);
      const report = await session.analyse(captures, analysisOptions(values), {
        flow(row) {
          session.write(rows.write(row));
        },
      });
      session.write(rows.end());
      return session.conclude(report);
    } finally {
      session.discard();
    }
  },
};
