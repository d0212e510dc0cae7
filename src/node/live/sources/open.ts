import { STDIN } from '../../sources/stdin.ts';
import { openCap } from './cap.ts';
import { openDumpcap } from './dumpcap.ts';
import { type LiveSource, type OpenSource, SourceError, type SourceRequest } from './source.ts';
import { openStdin } from './stdin.ts';
import { openTcpdump } from './tcpdump.ts';

/** Who can capture, the best first. */
const SOURCES: { readonly [name in 'tcpdump' | 'dumpcap' | 'cap']: OpenSource } = { tcpdump: openTcpdump, dumpcap: openDumpcap, cap: openCap };

export const SOURCE_CHOICES = ['auto', 'tcpdump', 'dumpcap', 'cap'] as const;
export type SourceChoice = (typeof SOURCE_CHOICES)[number];

/**
 * Begins a capture with the chosen source; `auto` takes the first that is installed and permitted to capture. Throws `SourceError`, that of
 * the best source if none can, or `InputError` if standard input cannot be read.
 */
export async function openLiveSource(choice: SourceChoice, request: SourceRequest): Promise<LiveSource> {
  if (request.interface === STDIN) return openStdin();
  const sources = choice === 'auto' ? Object.values(SOURCES) : Object.entries(SOURCES).filter(([name]) => name === choice).map(([, open]) => open);
  let refused: SourceError | null = null;
  for (const open of sources) {
    try {
      return await open(request);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      // A lack of permission is worth more to know than a missing program.
      if (refused === null || (refused.refusal === 'missing' && error.refusal !== 'missing')) refused = error;
      if (error.refusal !== 'missing' && error.refusal !== 'denied') break;
    }
  }
  throw refused ?? new SourceError('missing', `there is no source ${choice}`);
}
