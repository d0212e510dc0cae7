import { spawnSync } from 'node:child_process';
import { skip } from '../../../support/skip.ts';

/** Runs a program of the system to its end. */
export function runProgram(program: string, args: readonly string[], input = ''): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

/** `describe` where all these programs are installed; else its tests are skipped. */
export function describeWith(programs: readonly string[], title: string, suite: () => void): void {
  const missing = programs.filter((program) => spawnSync(program, ['--version']).error !== undefined);
  if (missing.length === 0) describe(title, suite);
  else it(title, function () { skip(this, `${missing.join(' and ')}: not installed`); });
}
