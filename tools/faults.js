// node tools/faults.js [FATE ...]: where the engine is wrong about simulated conversations in which one segment meets a fault
// (lost-upstream, lost-downstream, missed, twice, late), one line a conversation.
import { ensureBuilt, ensureInstalled } from './project.js';

ensureInstalled();
ensureBuilt('everything');
const { singleFaults } = await import('../dist/test/support/simulation/single-faults.js');

const fates = process.argv.length > 2 ? process.argv.slice(2) : ['lost-upstream', 'lost-downstream', 'missed', 'twice', 'late'];
const lines = fates.flatMap((fate) => {
  const cases = singleFaults(fate);
  const share = (what) => (100 * cases.reduce((sum, { verdict }) => sum + verdict[what], 0)) / cases.reduce((sum, { verdict }) => sum + verdict.compared, 0);
  return [
    `${fate}: the estimate is true in ${share('agreed').toFixed(2)} %, the possible states hold the true one in ${share('covered').toFixed(2)} %`,
    ...cases.flatMap(({ ending, data, segment, verdict }) =>
      [...verdict.misses].map(([miss, times]) => `  ${ending}${data ? ' with data' : ''}, segment ${segment}: ${String(times)} x ${miss}`)),
  ];
});
process.stdout.write(`${lines.join('\n')}\n`);
