import { captureName, plural } from '../../core/index.ts';
import type { Anonymising } from '../extract/anonymising.ts';
import { type Extracted, extractTo } from '../extract/extract.ts';
import { type NumberList, parseNumbers } from '../extract/number-list.ts';
import { Spool } from '../extract/spool.ts';
import { InputError } from '../sources/input-error.ts';
import { analysisOptions } from './analysis.ts';
import type { Command } from './command.ts';
import { UsageError } from './errors.ts';
import type { Values } from './options.ts';
import { CAPTURE_OPTIONS } from './options.ts';
import { writeError } from './output.ts';
import { isForTerminal, Session } from './session.ts';

function numbersOf({ lists }: Values, name: 'flow' | 'finding', shownBy: string): NumberList {
  const items = lists.get(name) ?? [];
  const numbers = parseNumbers(items);
  if (numbers === null) throw new UsageError(`--${name} ${items.join(',')}: write numbers from 1 and ranges, as in 1,4-7; ${shownBy} shows them`);
  return numbers;
}

/** How frames are anonymised; null when they are not to be. */
async function anonymisingOf(values: Values): Promise<Anonymising | null> {
  const path = values.texts.get('key-file');
  if (values.flags.has('anonymise')) {
    const { anonymisingWith, randomKey, readKey } = await import('../extract/anonymising.ts');
    return anonymisingWith(path === undefined ? randomKey() : readKey(path));
  }
  if (path !== undefined) throw new UsageError('--key-file is for --anonymise: give both, or neither');
  return null;
}

function summaryOf({ packets, flows, leftOut }: Extracted): string {
  const text = `${plural(packets, 'packet')} of ${plural(flows, 'connection')} written`;
  return leftOut === 0 ? text : `${text}; ${plural(leftOut, 'packet')} left out, whose headers cannot be anonymised`;
}

export const extract: Command = {
  name: 'extract',
  summary: 'write the packets of some connections to a pcapng file, findings as packet comments',
  operand: { name: 'capture', count: 'some', summary: 'capture files, read as one stream; - is standard input' },
  options: {
    finding: { kind: 'list', value: 'N', summary: 'the connections that the Nth finding of audit --verbose rests on; also 1,4-7', group: 'Selection:' },
    flow: { kind: 'list', value: 'ID', summary: 'this connection, a number that flows and findings show; also 1,4-7; every TCP packet where neither is given', group: 'Selection:' },
    anonymise: { kind: 'flag', summary: 'replace addresses (common prefixes stay common) and overwrite payload', group: 'Anonymising:' },
    'key-file': { kind: 'text', value: 'FILE', summary: '32 bytes, or 64 hexadecimal digits: the same key gives the same addresses', group: 'Anonymising:' },
    ...CAPTURE_OPTIONS,
  },
  examples: [
    ['synoptic extract --finding 1 -o evidence.pcapng server.pcap', 'what the gravest finding rests on, for Wireshark'],
    ['synoptic extract --flow 3,7-9 server.pcap | tshark -r -', 'four connections'],
    ['synoptic extract --finding 1 --anonymise -o share.pcapng server.pcap', 'the same, to give away'],
  ],
  async run(captures, values) {
    const request = {
      flows: numbersOf(values, 'flow', 'synoptic flows'),
      findings: numbersOf(values, 'finding', 'synoptic audit --verbose'),
      anonymising: await anonymisingOf(values),
      source: captures.map(captureName).join(', '),
    };
    if (isForTerminal(values)) {
      throw new UsageError('a capture is not for a terminal: name a file with -o FILE, or pipe the output');
    }
    const session = new Session(values, false);
    let spool: Spool | null = null;
    try {
      const { paths, nameOf } = (spool = await Spool.of(captures));
      const extracted = await extractTo(
        (bytes) => session.writeBytes(bytes),
        paths,
        request,
        analysisOptions(values),
        (options, listeners) => session.analyse(paths, options, listeners),
      );
      const { report } = extracted;
      const files = report.capture.files.map((file) => ({ ...file, name: nameOf(file.name) }));
      const status = session.conclude({ ...report, capture: { ...report.capture, files } });
      if (!values.flags.has('quiet')) writeError(`synoptic: ${summaryOf(extracted)}\n`);
      return status;
    } catch (error) {
      throw error instanceof InputError && spool !== null ? new InputError(spool.restore(error.message), { cause: error }) : error;
    } finally {
      session.discard();
      spool?.remove();
    }
  },
};
