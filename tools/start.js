// npm start [-- ARGUMENTS]: runs synoptic from a fresh clone, installing and building only what is missing or out of date.
// npm run bench [-- ARGUMENTS]: the same for the benchmark.
import { join } from 'node:path';
import { ensureBuilt, ensureBundled, ensureInstalled, root, run } from './project.js';

const BUNDLED_CAPTURE = 'fixtures/leaking-server/capture.pcap';

const [first, ...rest] = process.argv.slice(2);
ensureInstalled();
ensureBuilt('program');
ensureBundled();
if (first === '--bench') {
  process.exitCode = run(process.execPath, [join(root, 'bench', 'run.js'), ...rest]);
} else {
  const args = first === undefined ? ['audit', join(root, BUNDLED_CAPTURE)] : [first, ...rest];
  // npm starts scripts in the folder of the package; names of files are meant as they were typed.
  const { npm_lifecycle_event: script, INIT_CWD: typedIn } = process.env;
  if (script === 'start' && typedIn !== undefined) process.chdir(typedIn);
  // In this process: signals and the terminal are then the program's own.
  process.argv = [process.argv[0], join(root, 'bin', 'synoptic.js'), ...args];
  await import('../bin/synoptic.js');
}
