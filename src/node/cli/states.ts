import { STATE_FORMATS } from '../../core/index.ts';
import { stateOptions } from './analysis.ts';
import type { Command } from './command.ts';
import { parseHost, parseInstant } from './instant.ts';
import { CAPTURE_OPTIONS } from './options.ts';
import { chooseFormat, formatOption, Session } from './session.ts';
import { Sockets } from './sockets.ts';

export const states: Command = {
  name: 'states',
  summary: 'list every socket at one instant, shaped like ss -tan',
  operand: { name: 'capture', count: 'some', summary: 'capture files, read as one stream; - is standard input' },
  options: {
    at: {
      kind: 'text',
      value: 'TIME',
      summary: '+12.5s after the first packet, an ISO time (UTC), or seconds since the epoch; the end of the capture when left out',
      group: 'Selection:',
    },
    host: { kind: 'text', value: 'IP', summary: 'only the sockets of this host', group: 'Selection:' },
    format: formatOption(STATE_FORMATS),
    ...CAPTURE_OPTIONS,
  },
  examples: [['synoptic states --at +60s --host 10.0.0.5 server.pcap', 'what ss -tan would have shown on 10.0.0.5 one minute in']],
  async run(captures, values) {
    const at = values.texts.get('at');
    const host = values.texts.get('host');
    const sockets = new Sockets(at === undefined ? { kind: 'end' } : parseInstant(at));
    const address = host === undefined ? undefined : parseHost(host);
    const session = new Session(values, false);
    try {
      const report = await session.analyse(captures, stateOptions(values), {
        timeline(change, engine) {
          sockets.add(change, engine);
        },
      });
      const rows = chooseFormat(STATE_FORMATS, values, STATE_FORMATS[0]).open(session.render);
      for (const row of sockets.rows(report.capture.end_ns, address)) session.write(rows.write(row));
      session.write(rows.end());
      return session.conclude(report);
    } finally {
      session.discard();
    }
  },
};
