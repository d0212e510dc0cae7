import { TIMELINE_FORMATS } from '../../core/index.ts';
import { stateOptions } from './analysis.ts';
import type { Command } from './command.ts';
import { CAPTURE_OPTIONS } from './options.ts';
import { chooseFormat, formatOption, isForTerminal, Session } from './session.ts';

export const timeline: Command = {
  name: 'timeline',
  summary: "list every change of an end's state, in the order in which it became known",
  operand: { name: 'capture', count: 'some', summary: 'capture files, read as one stream; - is standard input' },
  options: { format: formatOption(TIMELINE_FORMATS, 'text on a terminal, and ndjson in a pipe or file'), ...CAPTURE_OPTIONS },
  examples: [["synoptic timeline server.pcap | grep CLOSE_WAIT", 'NDJSON where the output is no terminal']],
  async run(captures, values) {
    const session = new Session(values, true);
    try {
      const [text, ndjson] = TIMELINE_FORMATS;
      const rows = chooseFormat(TIMELINE_FORMATS, values, isForTerminal(values) ? text : ndjson).open(session.render);
      const report = await session.analyse(captures, stateOptions(values), {
        timeline(change, engine) {
          session.write(rows.write(engine.timelineRow(change)));
        },
      });
      session.write(rows.end());
      return session.conclude(report);
    } finally {
      session.discard();
    }
  },
};
