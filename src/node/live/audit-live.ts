import type { AuditOptions } from '../../core/index.ts';
import { withRulesFrom } from '../rules-from.ts';
import { LiveAudit } from './live-audit.ts';
import { CountedSource } from './sources/counted.ts';
import { openLiveSource, type SourceChoice } from './sources/open.ts';

/** Options of `auditLive`, in addition to those of the analysis. */
export interface LiveOptions extends AuditOptions {
  /** Paths of JavaScript modules with additional rules: see `loadRules`. */
  rulesFrom?: string | readonly string[];
  /** A BPF filter (pcap-filter(7)). */
  filter?: string;
  /** Who captures. `auto` takes the first of tcpdump, dumpcap and the package cap that is installed and permitted to. */
  source?: SourceChoice;
  /** Bytes captured of each packet; 256 by default: enough for headers and options, even in a tunnel or two. */
  snaplen?: number;
  /** The kernel's buffer in KiB; 65,536 by default: some seconds of a busy link. */
  buffer?: number;
  /** Packets after which the capture ends; unlimited by default. */
  count?: number;
  /** Seconds from one `summary` to the onlookers to the next; none by default. */
  interval?: number;
}

export const DEFAULT_SNAPLEN = 256;
export const DEFAULT_BUFFER_KIB = 65_536;

/**
 * Begins a capture on an interface, or of the pcap stream on standard input (`-`). `attach` onlookers to the audit that it returns, then
 * `run` it: that resolves to the report when the capture has ended, by itself or by `stop`.
 *
 * Throws `SourceError` if it cannot listen, `InputError` if standard input cannot be read, `OptionError` for unknown rules and settings,
 * `RuleError` for additional rules that are malformed.
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
