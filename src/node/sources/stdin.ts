import { stdin } from 'node:process';
import type { OnProgress } from './file.ts';
import { InputError, openingError } from './input-error.ts';
import { beginInput, endInput } from './interrupt.ts';

/** The name of standard input among names of files and of interfaces. */
export const STDIN = '-';

/** Standard input, chunk by chunk; nothing if it is closed or empty. Throws `InputError` if it is a terminal. */
export async function* readStdinChunks(onProgress?: OnProgress): AsyncGenerator<Uint8Array, void, undefined> {
  if (stdin.isTTY) {
    throw new InputError('standard input is a terminal; pipe a capture into it: tcpdump -w - … | synoptic audit -');
  }
  let read = 0;
  beginInput();
  try {
    for await (const chunk of stdin) {
      const bytes: Uint8Array = chunk;
      read += bytes.length;
      yield bytes;
      onProgress?.(read, 0);
    }
  } catch (error) {
    throw openingError('standard input', error);
  } finally {
    endInput();
  }
}
