import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Tests run in `dist/test`; the sources are what is judged, since the compiler drops imports of types. */
const SOURCES = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src');

interface Room {
  /** A folder or file below `src`. */
  room: string;
  /** Folders, files and packages that it may import; itself it always may. */
  may: readonly string[];
  because: string;
}

/** A packet walks forward through the rooms of core; each knows what lies behind it, none what lies ahead. */
const ROOMS: readonly Room[] = [
  { room: 'core/capture', may: [], because: 'a reader knows files and frames, not what is in them' },
  { room: 'core/wire', may: ['core/capture/record.ts'], because: 'decoding is from one record to one segment' },
  { room: 'core/anonymise', may: ['core/wire', 'core/capture/record.ts'], because: 'it rewrites what decoding reads, and asks the caller for its cipher' },
  { room: 'core/observations.ts', may: [], because: 'the vocabulary of facts depends on nobody who speaks it' },
  { room: 'core/views.ts', may: ['core/observations.ts'], because: 'what a rule may ask is told apart from who answers it' },
  { room: 'core/options.ts', may: ['core/rules/rule.ts'], because: "settings are named once, for all; a caller's own rules are among them" },
  { room: 'core/endpoint-parts.ts', may: [], because: 'an endpoint is read alike by rules, pictures and filters' },
  { room: 'core/quantity.ts', may: [], because: 'numbers are read alike in a finding and in a table' },
  { room: 'core/version.ts', may: [], because: 'it is one line' },
  {
    room: 'core/flow',
    may: ['core/wire', 'core/capture/clock.ts', 'core/observations.ts', 'core/views.ts'],
    because: 'flows are found by segments, and answer what views.ts lets rules ask',
  },
  { room: 'core/tcp', may: ['core/flow', 'core/wire', 'core/observations.ts'], because: 'the tracker states facts and judges nobody' },
  {
    room: 'core/rules',
    may: ['core/observations.ts', 'core/views.ts', 'core/report/report.ts', 'core/tcp/state.ts', 'core/options.ts', 'core/endpoint-parts.ts', 'core/quantity.ts'],
    because: 'rules judge facts, never packets: what they need to know is an observation; and their sentences write numbers as all formats do',
  },
  {
    room: 'core/report',
    may: ['core/capture', 'core/wire', 'core/flow', 'core/tcp', 'core/rules', 'core/observations.ts', 'core/views.ts', 'core/endpoint-parts.ts'],
    because: 'it gathers what all rooms before it know',
  },
  {
    room: 'core/formats',
    may: ['core/report/report.ts', 'core/report/rows.ts', 'core/report/ladder.ts', 'core/capture/summary.ts', 'core/quantity.ts'],
    because: 'a format sees the shapes of what everybody can have: a report, rows, a ladder',
  },
  {
    room: 'core/examples',
    may: ['core/engine.ts', 'core/options.ts', 'core/report/report.ts', 'core/rules', 'core/wire'],
    because: 'an example is played as a capture, by the whole engine',
  },
  { room: 'core/engine.ts', may: ['core'], because: 'it alone knows all rooms' },
  {
    room: 'core/walk.ts',
    may: ['core/capture', 'core/wire', 'core/flow', 'core/tcp', 'core/rules/settings.ts', 'core/report', 'core/listeners.ts'],
    because: 'a packet passes all rooms; the engine, which makes them, calls it',
  },
  { room: 'core/listeners.ts', may: ['core'], because: 'it names what the engine tells' },
  { room: 'core/index.ts', may: ['core'], because: 'it is the public API' },
  {
    room: 'node/sources',
    may: ['core/index.ts', 'node/error-message.ts', 'node:', 'fzstd', 'lz4js', 'pcap-parser', 'xxhash-wasm', 'xz-decompress'],
    because: 'the platform, and every library that reads, is the rim',
  },
  { room: 'node/extract', may: ['core/index.ts', 'node/error-message.ts', 'node/sources', 'node:'], because: 'a slice is made of what any program could know' },
  {
    room: 'node/live',
    // What the command line knows of terminals the screen does not know another way.
    may: [
      'core/index.ts', 'node/cli/terminal.ts', 'node/error-message.ts', 'node/extract', 'node/rules-from.ts', 'node/sources', 'node/suggest.ts', 'node:', 'cap', 'prom-client',
    ],
    because: 'what happens now comes in at the rim, too',
  },
  {
    room: 'node/cli',
    may: ['core/index.ts', 'node/index.ts', 'node/error-message.ts', 'node/extract', 'node/live', 'node/sources', 'node/suggest.ts', 'node:', 'pino', 'yargs'],
    because: 'commands use what any program could',
  },
  { room: 'node/error-message.ts', may: [], because: 'what was thrown is told alike everywhere' },
  { room: 'node/suggest.ts', may: ['core/index.ts'], because: 'a slip of the finger is one anywhere' },
  { room: 'node/rules-from.ts', may: ['core/index.ts', 'node/error-message.ts', 'node/sources/input-error.ts', 'node:'], because: 'a module is code: it is loaded where modules are' },
  { room: 'node/index.ts', may: ['core/index.ts', 'node/live', 'node/rules-from.ts', 'node/sources'], because: 'the library has no command line' },
];

/** Imports that the table forbids, and why they stand all the same. One that is no longer there fails the test, too. */
const EXCEPTIONS: readonly { file: string; imports: string; because: string }[] = [
  { file: 'core/rules/conversation.ts', imports: 'core/wire/segment.ts', because: 'names of the flag bits' },
  { file: 'core/rules/conversation-play.ts', imports: 'core/wire/segment.ts', because: 'names of the flag bits' },
  { file: 'core/rules/flow-flags.ts', imports: 'core/wire/segment.ts', because: 'names of the flag bits that an observation gives as a number' },
  { file: 'core/rules/stealth-scan.ts', imports: 'core/wire/segment.ts', because: 'names of the flag bits that an observation gives as a number' },
  { file: 'node/cli/main.ts', imports: 'core/version.ts', because: '--version answers without loading the engine' },
  { file: 'node/cli/main.ts', imports: 'core/formats/escape.ts', because: 'a failure to load the engine must be told, too' },
];

interface Import {
  file: string;
  imports: string;
}

/** Every import in the sources, static or dynamic, of values or of types; paths are below `src`. */
const IMPORTS: readonly Import[] = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .map((path) => path.split(sep).join('/'))
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .flatMap((file) => {
    const text = readFileSync(join(SOURCES, file), 'utf8').replaceAll(/^\s*(\*|\/\/|\/\*).*$/gm, '');
    const names = [...text.matchAll(/(?<![\w-])(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name);
    return names.map((name) => ({ file, imports: name.startsWith('.') ? normalize(join(dirname(file), name)).split(sep).join('/') : name }));
  });

function isIn(path: string, place: string): boolean {
  return path === place || path.startsWith(place.endsWith(':') ? place : `${place}/`);
}

function text({ file, imports }: Import): string {
  return `${file} imports ${imports}`;
}

const exceptions = new Set(EXCEPTIONS.map(text));

/** The sources of core without comments, by file. */
const CORE = new Map(readdirSync(join(SOURCES, 'core'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => [path, readFileSync(join(SOURCES, 'core', path), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, '')]));

describe('numbers', () => {
  it('are the same under every version of Node: ** of fractions is not, exp and log are', () => {
    // V8 13 (Node 24) computes other last bits than V8 11 and 12, but for powers of two, and bigint, which are exact.
    const powers = [...CORE].flatMap(([file, code]) => [...code.matchAll(/(\S+) \*\*(?: |=)|Math\.pow/g)].map(([text, base]) => ({ file, text, base })));
    expect(powers.length).to.be.above(5);
    expect(powers.filter(({ base }) => !/(^|[([])(2|\d+n)$/.test(base ?? ''))).to.deep.equal([]);
  });
});

describe('the rooms', () => {
  it('are told apart, and all in the table', () => {
    const homeless = IMPORTS.filter(({ file }) => ROOMS.filter(({ room }) => isIn(file, room)).length !== 1);
    expect(homeless.map(text)).to.deep.equal([]);
    for (const { room } of ROOMS) expect(existsSync(join(SOURCES, room)), room).to.equal(true);
  });

  for (const { room, may, because } of ROOMS) {
    it(`${room}: ${because}`, () => {
      const wrong = IMPORTS.filter(({ file }) => isIn(file, room)).filter(({ imports }) => ![room, ...may].some((place) => isIn(imports, place)));
      expect(wrong.map(text).filter((each) => !exceptions.has(each))).to.deep.equal([]);
    });
  }

  it('have no exception that nobody needs', () => {
    const present = new Set(IMPORTS.map(text));
    expect([...exceptions].filter((each) => !present.has(each))).to.deep.equal([]);
  });

  it('are more than a few files', () => {
    expect(IMPORTS).to.have.lengthOf.above(300);
  });
});
