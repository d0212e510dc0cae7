/** The subcommands. A new one is a file of this folder and a line here. */
import { audit } from './audit.ts';
import type { Command } from './command.ts';
import { explain } from './explain.ts';
import { extract } from './extract.ts';
import { flows } from './flows.ts';
import { live } from './live.ts';
import { packets } from './packets.ts';
import { rules } from './rules.ts';
import { states } from './states.ts';
import { timeline } from './timeline.ts';

export const COMMANDS: readonly Command[] = [audit, flows, states, timeline, packets, explain, extract, live, rules];
