import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkTextfilePath, Textfile } from '../../../../src/node/live/metrics/textfile.ts';
import { temporaryFolder } from '../../sources/temporary.ts';

describe('The textfile', () => {
  const folder = temporaryFolder();

  it('is replaced as a whole, and nothing stays beside it', async () => {
    const path = join(folder.path, 'synoptic.prom');
    const file = new Textfile(path);
    await file.write('a 1\n');
    const first = statSync(path).ino;
    await file.write('b 2\n');
    expect(readFileSync(path, 'utf8')).to.equal('b 2\n');
    expect(statSync(path).ino).not.to.equal(first);
    expect(statSync(path).mode & 0o004).to.equal(0o004);
    expect(readdirSync(folder.path)).to.deep.equal(['synoptic.prom']);
  });

  it('holds the last of what is written at once', async () => {
    const path = join(folder.path, 'busy.prom');
    const file = new Textfile(path);
    await Promise.all(Array.from({ length: 50 }, (_, index) => file.write(`x ${index}\n`)));
    expect(readFileSync(path, 'utf8')).to.equal('x 49\n');
  });

  it('cannot be where there is no folder, nor where a folder is, and works again after that', async () => {
    const failure = (file: Textfile): Promise<string> => file.write('').then(() => '', (error: Error) => error.message);
    expect(await failure(new Textfile(join(folder.path, 'none', 'x.prom')))).to.match(/^--textfile .*x\.prom: no such file or directory$/);
    mkdirSync(join(folder.path, 'folder.prom'));
    expect(await failure(new Textfile(join(folder.path, 'folder.prom')))).to.match(/^--textfile .*folder\.prom: illegal operation on a directory$/);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.partial'))).to.deep.equal([]);
  });

  it('must be named as the collector expects', () => {
    expect(() => checkTextfilePath('/var/lib/x.txt')).to.throw('--textfile /var/lib/x.txt: node_exporter reads only files that end in .prom');
    expect(checkTextfilePath('x.prom')).to.equal('x.prom');
  });
});
