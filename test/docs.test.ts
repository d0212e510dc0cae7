import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import * as core from '../src/core/index.ts';
import { COMMANDS } from '../src/node/cli/commands.ts';
import * as node from '../src/node/index.ts';

/** The project's root, from dist/test. */
const ROOT = new URL('../../', import.meta.url);

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

const DECISIONS = readdirSync(new URL('docs/decisions/', ROOT)).map((name) => `docs/decisions/${name}`);
const PAGES = ['README.md', 'CHANGELOG.md', ...readdirSync(new URL('docs/', ROOT)).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`), ...DECISIONS];

describe('docs/states.md', () => {
  it('is what the rows say: run `node tools/states-docs.js` after changing one', async () => {
    const tool: { renderStates(page: string, figure: typeof core): string } = await import(new URL('tools/states-page.js', ROOT).href);
    const page = read('docs/states.md');
    expect(page).to.equal(tool.renderStates(page, core));
  });

  it('has a diagram of the same rows', async () => {
    const tool: { renderFigure: (figure: typeof core) => string } = await import(new URL('tools/states-figure.js', ROOT).href);
    expect(read('docs/states.svg')).to.equal(tool.renderFigure(core));
  });

  it('holds every row with its source', () => {
    const page = read('docs/states.md');
    for (const [from, event, to, source] of [...core.FIGURE, ...core.REPEATS, ...core.OBSERVER]) {
      const section = page.slice(page.indexOf(`### ${from}\n`)).split('\n### ')[0];
      expect(section).to.match(new RegExp(`^\\| ${event} \\| ${to === from ? 'stays' : to} \\|.*\\|$`, 'm'));
      expect(section).to.include(source);
    }
  });
});

describe('The documents', () => {
  it('link to files that exist', () => {
    for (const page of PAGES) {
      for (const [, target] of read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)) {
        expect(existsSync(new URL(target, new URL(page, ROOT))), `${page} links to ${target}`).to.equal(true);
      }
    }
  });

  it('name source files that exist', () => {
    for (const page of PAGES) {
      for (const [path] of read(page).matchAll(/\b(?:src|tools|test|bench|schema|bin|fixtures)\/[\w./-]+\.(?:ts|js|mjs|json|pcap)\b/g)) {
        if (!path.includes('NAME')) expect(existsSync(new URL(path, ROOT)), `${page} names ${path}`).to.equal(true);
      }
    }
    for (const [path] of read('docs/architecture.md').matchAll(/(?<![\w/])(?:capture|wire|flow|tcp|rules|report|formats)\/[\w./-]+\.ts\b/g)) {
      if (!path.includes('NAME')) expect(existsSync(new URL(`src/core/${path}`, ROOT)), `docs/architecture.md names ${path}`).to.equal(true);
    }
  });

  it('name rules that exist', () => {
    const ids = new Set(core.RULES.map(({ id }) => id));
    for (const page of PAGES) {
      for (const [, list] of read(page).matchAll(/--(?:rules|skip) ([a-z]{2}[\w,-]+)/g)) {
        for (const id of list.split(',')) expect(ids.has(id), `${page} names the rule ${id}`).to.equal(true);
      }
    }
  });
});

describe('README.md', () => {
  it('shows what the program prints: run `node tools/readme-docs.js` after changing that', async () => {
    const tool: { renderReadme(page: string, library: typeof node): Promise<string> } = await import(new URL('tools/readme-page.js', ROOT).href);
    const page = read('README.md');
    expect(page).to.equal(await tool.renderReadme(page, node));
  });

  it('leads to every page', () => {
    const page = read('README.md');
    expect(PAGES.filter((path) => path !== 'README.md' && !DECISIONS.includes(path) && !page.includes(`](${path}`))).to.deep.equal([]);
  });

  it('lists the commands that there are', () => {
    const listed = [...read('README.md').matchAll(/^\| `synoptic (\w+)/gm)].map(([, name]) => name);
    expect(listed).to.have.members(COMMANDS.map(({ name }) => name));
  });
});
