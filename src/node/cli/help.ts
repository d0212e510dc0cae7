import type { Argv, Options } from 'yargs';
import yargs from 'yargs';
import type { Command } from './command.ts';
import { synopsis } from './command.ts';
import { COMMANDS } from './commands.ts';
import type { OptionSpec, OptionTable } from './options.ts';
import { GENERAL_OPTIONS } from './options.ts';
import { isTerminal, widthOf } from './terminal.ts';

const USAGE = `Usage: $0 COMMAND CAPTURE...

Says what state each end of every TCP connection in a packet capture is in, which packets prove it, and what is wrong.
$0 CAPTURE is short for $0 audit CAPTURE; $0 help COMMAND shows the options of a command.`;

const EPILOGUE = `Captures are pcap or pcapng, plain or compressed with gzip, zstd, lz4 or xz, recognised by content.
Exit status: 0 done; 1 done, a finding at or above --fail-on; 2 could not run; 3 done, but the input was damaged.`;

const HELP_WIDTH = 110;

function yargsOption({ kind, alias, value, summary, choices, group }: OptionSpec): Options {
  const listed = choices && !summary.includes(choices[0]) ? ` (${choices.join(', ')})` : '';
  return {
    group,
    ...(alias !== undefined && { alias }),
    ...(kind === 'flag' ? { boolean: true } : { string: true }),
    description: `${value === undefined ? '' : `${value}: `}${summary}${listed}`,
  };
}

function declare(parser: Argv, options: OptionTable): Argv {
  return parser.options(Object.fromEntries(Object.entries(options).map(([name, spec]) => [name, yargsOption(spec)])));
}

/** What yargs says of types and defaults, which names and summaries say already: at the end of a line, or on one of its own. */
const TYPE_TAGS = /^ +(?:\[(?:string|boolean|array|required|default: \[\])\] *)+\n|(?: +\[(?:string|boolean|array|required|default: \[\])\])+ *$/gm;

/** The page of a command, or without one that of the program. */
export async function helpPage(about: Command | undefined): Promise<string> {
  let page = yargs(about === undefined ? [] : [about.name])
    .scriptName('synoptic')
    .usage(USAGE)
    .locale('en')
    .help(false)
    .version(false)
    .exitProcess(false)
    .wrap(Math.min(isTerminal(1) ? widthOf(1) : HELP_WIDTH, HELP_WIDTH))
    .epilogue(EPILOGUE);
  for (const command of COMMANDS) {
    page = page.command(synopsis(command), command.summary, (own) => {
      declare(own, command.options).usage(`Usage: $0 ${synopsis(command)} [options]\n\n${command.summary[0].toUpperCase()}${command.summary.slice(1)}.`);
      own.positional(command.operand.name, { type: 'string', description: command.operand.summary });
      for (const [line, meaning] of command.examples) own.example(line, meaning);
    });
  }
  return (await declare(page, GENERAL_OPTIONS).getHelp()).replaceAll(TYPE_TAGS, '');
}
