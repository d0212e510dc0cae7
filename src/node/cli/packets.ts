import { PACKET_FORMATS } from '../../core/index.ts';
import { noSuchFlow } from '../extract/no-such.ts';
import { stateOptions } from './analysis.ts';
import type { Command } from './command.ts';
import { UsageError } from './errors.ts';
import { CAPTURE_OPTIONS, flowNumber } from './options.ts';
import { chooseFormat, formatOption, isForTerminal, Session } from './session.ts';

export const packets: Command = {
  name: 'packets',
  summary: "list every TCP packet with its labels and both ends' states",
  operand: { name: 'capture', count: 'some', summary: 'capture files, read as one stream; - is standard input' },
  options: {
    flow: { kind: 'text', value: 'ID', summary: 'only the packets of this flow, a number that flows and findings show', group: 'Selection:' },
    format: formatOption(PACKET_FORMATS, 'text on a terminal, and ndjson in a pipe or file'),
    ...CAPTURE_OPTIONS,
  },
  examples: [["synoptic packets --flow 3 server.pcap | grep retransmission", 'NDJSON where the output is no terminal']],
  async run(captures, values) {
    const flow = flowNumber(values);
    const session = new Session(values, true);
    try {
      const [text, ndjson] = PACKET_FORMATS;
      const rows = chooseFormat(PACKET_FORMATS, values, isForTerminal(values) ? text : ndjson).open(session.render);
      const report = await session.analyse(captures, stateOptions(values), {
        ...(flow !== undefined && { packetsOf: flow }),
        packet(row) {
          session.write(rows.write(row));
        },
      });
      if (flow !== undefined && flow > report.totals.flows) throw new UsageError(noSuchFlow(flow, report));
      session.write(rows.end());
      return session.conclude(report);
    } finally {
      session.discard();
    }
  },
};
