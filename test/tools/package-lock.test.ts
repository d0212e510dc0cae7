import { readFileSync } from 'node:fs';
import { expect } from 'chai';

interface LockedPackage {
  resolved?: string;
  dependencies?: { [name: string]: string };
  optionalDependencies?: { [name: string]: string };
}

const { packages } = JSON.parse(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8')) as { packages: { [place: string]: LockedPackage } };

describe('package-lock.json', () => {
  it('names all that its packages depend on, for every platform: npm ci takes no other', () => {
    const missing = Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !(`${place}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages)));
    expect(missing).to.deep.equal([]);
  });

  it('does not say where packages were downloaded', () => {
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).to.deep.equal([]);
  });
});
