import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Command } from '../../../src/node/cli/command.ts';
import { COMMANDS } from '../../../src/node/cli/commands.ts';
import { configured, defaultPath, readConfiguration } from '../../../src/node/cli/config.ts';
import type { OptionSpec, OptionValue } from '../../../src/node/cli/options.ts';
import { valuesOf } from '../../../src/node/cli/options.ts';

function command(name: string): Command {
  return COMMANDS.find((each) => each.name === name) as Command;
}

/** A JSON value that an option takes. */
function fitting({ kind, choices }: OptionSpec): unknown {
  switch (kind) {
    case 'flag':
      return true;
    case 'text':
      return choices?.[0] ?? 'x';
    case 'pair':
      return ['a', 'b'];
    case 'list':
      return ['a', 'b'];
  }
}

describe('the configuration', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'synoptic-config-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function values(config: { [key: string]: unknown }, name: string, line: [string, OptionValue][] = []): object {
    const { flags, texts, lists } = valuesOf(...configured(config, command(name), 'config.json'), new Map(line));
    return { ...Object.fromEntries([...flags].map((flag) => [flag, true])), ...Object.fromEntries(texts), ...Object.fromEntries(lists) };
  }

  it('lies where the XDG specification says', () => {
    expect(defaultPath({ XDG_CONFIG_HOME: '/etc/me' }, '/home/me')).to.equal('/etc/me/synoptic/config.json');
    expect(defaultPath({}, '/home/me')).to.equal('/home/me/.config/synoptic/config.json');
    expect(defaultPath({ XDG_CONFIG_HOME: '' }, '/home/me')).to.equal('/home/me/.config/synoptic/config.json');
    // "If an implementation encounters a relative path in any of these variables it should consider the path invalid and ignore it."
    expect(defaultPath({ XDG_CONFIG_HOME: 'me' }, '/home/me')).to.equal('/home/me/.config/synoptic/config.json');
  });

  for (const { name, options } of COMMANDS) {
    it(`holds every option of ${name}, for it and for all`, () => {
      const own = Object.fromEntries(Object.entries(options).filter(([option]) => option !== 'config').map(([option, spec]) => [option, fitting(spec)]));
      expect(values({ [name]: own }, name)).to.deep.equal(own);
      expect(values(own, name), 'for all').to.deep.equal(own);
    });
  }

  it('counts less than the command line, and for all commands less than for one', () => {
    const config = { 'fail-on': 'low', skip: ['half-close'], audit: { 'fail-on': 'high', quiet: true }, flows: { 'no-progress': true } };
    expect(values(config, 'audit')).to.deep.equal({ 'fail-on': 'high', skip: ['half-close'], quiet: true });
    expect(values(config, 'flows')).to.deep.equal({ 'fail-on': 'low', skip: ['half-close'], 'no-progress': true });
    expect(values(config, 'audit', [['fail-on', 'none'], ['skip', ['paws']], ['quiet', false]])).to.deep.equal({ 'fail-on': 'none', skip: ['paws'] });
  });

  it('adds settings up, the later of the same name last', () => {
    const config = { set: { 'flows.maximum': 5, 'report.evidence': 1 }, audit: { set: ['report.evidence=2'] } };
    expect(values(config, 'audit', [['set', ['flows.maximum=7']]])).to.deep.equal({
      set: ['flows.maximum=5', 'report.evidence=1', 'report.evidence=2', 'flows.maximum=7'],
    });
  });

  it('for all commands concerns those that can use it', () => {
    expect(values({ format: 'json', host: '10.0.0.1' }, 'audit')).to.deep.equal({ format: 'json' });
    expect(values({ format: 'json', host: '10.0.0.1' }, 'states')).to.deep.equal({ host: '10.0.0.1' });
  });

  it('has `rules` as a section where it is an object, as the option where it is not', () => {
    expect(values({ rules: ['paws', 'tfo'] }, 'audit')).to.deep.equal({ rules: ['paws', 'tfo'] });
    expect(values({ rules: { format: 'json' } }, 'rules')).to.deep.equal({ format: 'json' });
    expect(values({ rules: { format: 'json' } }, 'audit')).to.deep.equal({});
  });

  const refused: [object, string][] = [
    [{ formt: 'json' }, 'config.json: unknown option formt; did you mean format?'],
    [{ audit: { 'fail-onn': 'high' } }, 'config.json: audit: unknown option fail-onn; did you mean fail-on?'],
    [{ states: { 'fail-onn': 'high' } }, 'config.json: states: unknown option fail-onn; did you mean fail-on?'],
    [{ auidt: { quiet: true } }, 'config.json: there is no command auidt; did you mean audit?'],
    [{ quiet: 'yes' }, 'config.json: quiet: true or false is wanted'],
    [{ format: [] }, 'config.json: format: a text or a number is wanted'],
    [{ output: '' }, 'config.json: output: a text or a number is wanted'],
    [{ format: 'jsn' }, 'config.json: format jsn: no such choice; did you mean json?'],
    [{ audit: { format: 'csv' } }, 'config.json: audit: format csv: no such choice; '],
    [{ skip: [true] }, 'config.json: skip: a text or a list of texts is wanted'],
    [{ diff: '+1s' }, 'config.json: diff: a list of two is wanted: T1 T2'],
    [{ config: 'other.json' }, 'config.json: unknown option config'],
    [{ help: true }, 'config.json: unknown option help'],
    [JSON.parse('{"__proto__": 1}') as object, 'config.json: unknown option __proto__'],
  ];
  for (const [config, message] of refused) {
    it(`refuses ${JSON.stringify(config)}, whichever command reads it`, () => {
      for (const name of ['audit', 'rules']) expect(() => values({ ...config }, name)).to.throw(message);
    });
  }

  it('is read again when asked to', () => {
    const path = join(folder, 'config.json');
    const read = (): string | undefined => valuesOf(...readConfiguration(path, command('audit'))).texts.get('fail-on');
    writeFileSync(path, '{"fail-on": "low"}');
    expect(read()).to.equal('low');
    writeFileSync(path, '{"fail-on": "high"}');
    expect(read()).to.equal('high');
  });

  it('may be empty, absent by default, or none at all', () => {
    const empty = join(folder, 'empty.json');
    writeFileSync(empty, '\n');
    expect(readConfiguration(empty, command('audit'))).to.deep.equal([]);
    expect(readConfiguration('none', command('audit'))).to.deep.equal([]);
  });

  it('that cannot be read is refused with the name of the file', () => {
    const path = join(folder, 'broken.json');
    writeFileSync(path, '{"fail-on": high}');
    expect(() => readConfiguration(path, command('audit'))).to.throw(`${path}: not JSON: `);
    writeFileSync(path, '[]');
    expect(() => readConfiguration(path, command('audit'))).to.throw(`${path}: not a JSON object`);
    expect(() => readConfiguration(folder, command('audit'))).to.throw(`cannot read the configuration ${folder}: illegal operation on a directory`);
    expect(() => readConfiguration(join(folder, 'absent.json'), command('audit'))).to.throw('absent.json: no such file or directory');
  });
});
