import type { AuditOptions, EngineListeners, ReaderFactory, Report } from '../core/index.ts';
import { captureName, Engine, UnrecognisedCapture } from '../core/index.ts';
import { withRulesFrom } from './rules-from.ts';
import { emptyAmong, emptyFile } from './sources/empty-file.ts';
import { totalSize } from './sources/file.ts';
import { orderByFirstPacket } from './sources/first-packet.ts';
import { InputError } from './sources/input-error.ts';
import { openSource } from './sources/source.ts';

export * from '../core/index.ts';
export { loadRules } from './rules-from.ts';
export { InputError } from './sources/input-error.ts';
export { auditLive } from './live/audit-live.ts';
export type { LiveOptions } from './live/audit-live.ts';
export { LiveAudit } from './live/live-audit.ts';
export type { Onlooker } from './live/live-audit.ts';
export type { LiveCounters, LiveDrops, LiveView } from './live/live-view.ts';
export { SourceError } from './live/sources/source.ts';
export type { LiveSource } from './live/sources/source.ts';

/** Options of `auditFile`, in addition to those of the analysis. */
export interface FileOptions extends AuditOptions {
  /** Which library reads captures: synoptic's own reader (all formats), or pcap-parser (classic pcap in microseconds) as a second opinion. */
  reader?: 'synoptic' | 'pcap-parser';
  /** Paths of JavaScript modules with additional rules: see `loadRules`. */
  rulesFrom?: string | readonly string[];
  /** Called now and then. `bytes`: read so far of all files, as stored; `size`: their total size, null for a pipe; `packets`: read so far. */
  onProgress?(progress: { bytes: number; size: number | null; packets: number }): void;
}

/**
 * Audits one capture or several (read as one stream, ordered by their first packet); `-` is standard input. Damage in a capture
 * does not fail: see `capture.files[].damage` of the report.
 *
 * Throws `InputError` when an input cannot be read or is no capture, `OptionError` for rules and settings that do not exist, `RuleError`
 * for rules of the caller's own that are none, or that fail.
 *
 * @example
 * const report = await auditFile('capture.pcap');
 * for (const finding of report.findings) console.log(finding.severity, finding.title);
 */
export async function auditFile(input: string | readonly string[], options: FileOptions = {}, listeners: EngineListeners = {}): Promise<Report> {
  const engine = new Engine(await withRulesFrom(options), listeners);
  const paths = await orderByFirstPacket(typeof input === 'string' ? [input] : input);
  if (paths.length === 0) throw new InputError('no capture given: name a file, or - for standard input');
  const makeReader = await readerFactory(options.reader);
  const empty = emptyAmong(paths);
  const sizes = paths.length > 1 ? totalSize(paths) : null;
  let before = 0;
  for (const path of paths) {
    let size = 0;
    let plain = false;
    const source = await openSource(
      path,
      (bytes, total) => {
        size = total;
        options.onProgress?.({ bytes: before + bytes, size: sizes ?? (total > 0 ? total : null), packets: engine.packets });
      },
      (length) => (plain ? engine.room(length) : null),
    );
    try {
      engine.open(path, source.compression, empty.has(path) ? emptyFile : makeReader);
      plain = source.compression === null;
      await source.pour((chunk) => engine.push(chunk));
      engine.close(source.damage);
    } catch (error) {
      throw error instanceof UnrecognisedCapture ? new InputError(`${captureName(path)}: ${error.message}`, { cause: error }) : error;
    } finally {
      await source.close();
    }
    before += size;
  }
  return engine.finish();
}

async function readerFactory(reader: FileOptions['reader']): Promise<ReaderFactory | undefined> {
  if (reader !== 'pcap-parser') return undefined;
  const { PcapParserReader } = await import('./sources/pcap-parser.ts');
  return (clock, counter, sink, options) => new PcapParserReader(clock, counter, sink, options);
}
