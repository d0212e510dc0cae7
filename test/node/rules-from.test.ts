import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { auditFile, InputError, loadRules, RuleError } from '../../src/node/index.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const EXAMPLE = `${ROOT}docs/examples/own-rule.js`;
const LEAKING = `${ROOT}fixtures/leaking-server/capture.pcap`;

/** A module whose rule does what `observe` says; `{ Kind }` is the library it is given. */
function module(id: string, observe = ''): string {
  return `({ Kind }) => ({ id: '${id}', title: 'T', summary: 'S.', severities: ['low'], references: [], aliases: [], underFaults: 'U.', options: {},
    watches: [Kind.SYN], examples: { flagged: [], clean: [] },
    start: () => ({ observe(observation) { ${observe} }, finish() {} }),
    explain: () => ({ explanation: 'E', advice: [] }) })`;
}

describe('rules from a file', () => {
  let folder = '';

  function file(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  async function refusal(path: string): Promise<Error> {
    return await loadRules(path).then(
      () => {
        throw new Error('not refused');
      },
      (error: Error) => error,
    );
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'synoptic-rules-'));
  });

  after(() => rmSync(folder, { recursive: true }));

  it('are those that a function, a list or a plain export gives', async () => {
    const one = file('one.mjs', `export default ${module('one')};`);
    const two = file('two.mjs', `const make = ${module('two')};\nexport default (library) => [make(library), { ...make(library), id: 'three' }];`);
    const plain = file('plain.mjs', `const make = ${module('four')};\nexport default make({ Kind: { SYN: 10 } });`);
    expect((await loadRules([one, two, plain])).map(({ id }) => id)).to.deep.equal(['one', 'two', 'three', 'four']);
    expect((await loadRules(EXAMPLE)).map(({ id }) => id)).to.deep.equal(['slow-handshake']);
  });

  it('judge a capture, with their settings', async () => {
    // tshark shows 300 SYN-ACKs in the capture, 200 from port 8001 and 100 from 8002, all within 4 ms of their SYN.
    const set = { 'slow-handshake.limit': 0, 'slow-handshake.minimum': 150 };
    const { findings } = await auditFile(LEAKING, { rulesFrom: EXAMPLE, rules: ['slow-handshake'], set });
    expect(findings.map(({ rule, count, subject }) => [rule, count, subject])).to.deep.equal([['slow-handshake', 200, { kind: 'endpoint', endpoint: '10.77.11.3:8001' }]]);
    expect((await auditFile(LEAKING, { rulesFrom: EXAMPLE, rules: ['slow-handshake'] })).findings).to.deep.equal([]);
  });

  it('end the audit when they fail, with the packet', async () => {
    // The ninth SYN (tshark -Y tcp.flags==2) is packet 58.
    const path = file('fails.mjs', `let seen = 0;\nexport default ${module('fails', 'seen += 1; if (seen === 9) throw new Error(`no more`);')};`);
    const error = await auditFile(LEAKING, { rulesFrom: [path] }).then(() => null, (thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(RuleError).with.property('message').that.matches(/^rule fails failed at packet 58: Error: no more \(fails\.mjs:\d+\)$/);
  });

  it('must be there', async () => {
    expect(await refusal(join(folder, 'none.mjs'))).to.be.instanceOf(InputError).with.property('message', `${join(folder, 'none.mjs')}: no such file; check the name`);
    expect((await refusal(folder)).message).to.equal(`${folder}: is no file; name a JavaScript module`);
  });

  const BAD: readonly [string, string, RegExp][] = [
    ['a syntax error', 'export default {', /: Unexpected end of input \(a syntax error: node --check .*bad\d+\.mjs shows the line\)$/],
    ['no default export', 'export const x = 1;', /: has no default export; write "export default" before a rule, or a list of rules$/],
    ['no rule', 'export default { id: "x" };', /: rule "x": "title" is missing; it must be a text that is not empty$/],
    ['an id that is taken', `export default ${module('bad-ack')};`, /: the id "bad-ack" is taken; call the rule something else$/],
    ['something that throws', '\n\nthrow new Error("no\\nway");', /: line 3: Error: no way$/],
    ['a package that is not there', 'import "synoptic"; export default [];', /: Cannot find package 'synoptic' imported from .*; install it there \(npm install synoptic\), or export a function: it is given the library$/],
  ];
  BAD.forEach(([what, text, message], index) => {
    it(`are refused where the module has ${what}`, async () => {
      const path = file(`bad${index}.mjs`, text);
      const error = await refusal(path);
      expect(error).to.be.instanceOf(RuleError);
      expect(error.message).to.match(message).and.not.include('\n');
      expect(error.message.startsWith(`${path}: `), error.message).to.equal(true);
    });
  });

  it('are refused where it is TypeScript that nobody compiled', async function () {
    // Newer Nodes strip the types.
    const path = file('own.ts', 'export default [] as unknown[];');
    const error = await loadRules(path).then(() => null, (thrown: Error) => thrown);
    if (error !== null) expect(error.message).to.equal(`${path}: is no JavaScript; compile it first (npx tsc), and name the .js file`);
  });
});
