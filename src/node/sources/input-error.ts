import { errorCode, errorMessage } from '../error-message.ts';

/** An input cannot be opened or used. `message` is one line: what is wrong, where, and the remedy. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** An error of the file system as `InputError`. */
export function openingError(path: string, error: unknown): InputError {
  switch (errorCode(error)) {
    case 'ENOENT':
      if (path === '') return new InputError("'': the name of a capture is empty; is a variable of the shell not set?", { cause: error });
      // Node.js decodes arguments as UTF-8, which loses the bytes of any other name.
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
