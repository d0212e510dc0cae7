// npm test [-- MOCHA ARGUMENTS]: installs what is missing, builds, lints, and runs every test.
import { join } from 'node:path';
import { ensureBuilt, ensureBundled, ensureInstalled, mustSucceed, root, run } from './project.js';

// The configuration of whoever runs the tests must not change what they see.
process.env['XDG_CONFIG_HOME'] = join(root, 'dist', 'no-configuration');
ensureInstalled();
ensureBuilt('everything');
ensureBundled();
mustSucceed(run(process.execPath, [join(root, 'node_modules', 'oxlint', 'bin', 'oxlint'), '--type-aware', '--deny-warnings',
  'src', 'test', 'tools', 'bench', 'bin']));
process.exitCode = run(process.execPath, [join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'), ...process.argv.slice(2)]);
