import type { AuditOptions } from '../../core/index.ts';
import { withRulesFrom } from '../rules-from.ts';
import { LiveAudit } from './live-audit.ts';
import { CountedSource } from './sources/counted.ts';
import { openLiveSource, type SourceChoice } from './sources/open.ts';

/** What `auditLive` may be told besides the analysis' own options. */
export interface LiveOptions extends AuditOptions {
  /** Paths of JavaScript modules with rules of the caller's own: see `loadRules`. */
  rulesFrom?: string | readonly string[];
  /** A BPF filter (pcap-filter(7)). */
  filter?: string;
  /** Who captures; `auto` takes the first of tcpdump, dumpcap and the package cap that is there and may. */
  source?: SourceChoice;
  /** Bytes kept of each packet; 256 unless told: headers and options of what comes in a tunnel or two. */
  snaplen?: number;
  /** The kernel's buffer, KiB; 65,536 unless told: some seconds of a busy link. */
  buffer?: number;
  /** Packets after which the capture ends; until `stop` unless told. */
  count?: number;
  /** Seconds from one `summary` of the onlookers to the next; none unless told. */
  interval?: number;
}

export const DEFAULT_SNAPLEN = 256;
export const DEFAULT_BUFFER_KIB = 65_536;

/**
 * Begins a capture on an interface, or of the pcap stream on standard input (`-`). `attach` onlookers to what is returned, then
 * `run` it: that gives the report once the capture was ended by `stop`, or by itself.
 *
 * Throws `SourceError` when it cannot listen, `InputError` when standard input is none, `OptionError` for rules and settings that
 * do not exist, `RuleError` for rules of the caller's own that are none.
 *
 * @example
 * const audit = await auditLive('eth0', { filter: 'tcp port 8080' });
 * audit.attach({ finding: ({ severity, title }) => console.log(severity, title) });
 * process.once('SIGINT', () => audit.stop());
 * const report = await audit.run();
 */
export async function auditLive(interfaceName: string, options: LiveOptions = {}): Promise<LiveAudit> {
  const { filter = '', source = 'auto', snaplen = DEFAULT_SNAPLEN, buffer = DEFAULT_BUFFER_KIB, count = null, interval = 0, ...others } = options;
  const analysis = await withRulesFrom(others);
  const opened = await openLiveSource(source, { interface: interfaceName, filter, snaplen, buffer });
  try {
    return new LiveAudit(count === null ? opened : new CountedSource(opened, count), { ...analysis, interface: interfaceName, filter, interval });
  } catch (error) {
    opened.kill();
    throw error;
  }
}
