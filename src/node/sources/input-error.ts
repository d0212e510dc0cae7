import { errorCode, errorMessage } from '../error-message.ts';

/** An input that cannot be opened or used. `message` is one line: what, where, and how to mend it. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** The words for an error of the file system. */
export function openingError(path: string, error: unknown): InputError {
  switch (errorCode(error)) {
    case 'ENOENT':
      if (path === '') return new InputError("'': the name of a capture is empty; is a variable of the shell not set?", { cause: error });
      // Node.js decodes arguments as UTF-8, and no name with other bytes can be had back from that.
      if (path.includes('\ufffd')) return new InputError(`${path}: no such file: its name is not UTF-8; rename it, or give it as standard input: synoptic audit - < FILE`, { cause: error });
      return new InputError(`${path}: no such file; check the name`, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new InputError(`${path}: no permission to read it; use an account that may, or change its mode`, { cause: error });
    case 'EISDIR':
      return new InputError(`${path}: is a directory; name the captures in it`, { cause: error });
    default:
      return new InputError(`${path}: cannot be read: ${errorMessage(error)}`, { cause: error });
  }
}
