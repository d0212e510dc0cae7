/** @typedef {Pick<import('../dist/src/node/index.js'), 'auditFile' | 'REPORT_FORMATS'>} Library */

/** The command line whose output README.md shows, as it prints on a terminal of 80 columns. */
const COMMAND = '$ synoptic audit fixtures/leaking-server/capture.pcap';
const CAPTURE = 'fixtures/leaking-server/capture.pcap';

/**
 * README.md with the output of its example made anew. To be run in the project's root: the output names the file as it was given.
 * @param {string} page
 * @param {Library} library
 * @returns {Promise<string>}
 */
export async function renderReadme(page, { auditFile, REPORT_FORMATS }) {
  const start = page.indexOf(`${COMMAND}\n`);
  const end = page.indexOf('```', start);
  if (start < 0 || end < 0) throw new Error(`README.md has lost its example: "${COMMAND}" and a fence after it`);
  const text = REPORT_FORMATS.find(({ name }) => name === 'text');
  const report = await auditFile(CAPTURE);
  const output = [...text.render(report, { width: 80, paint: (_, words) => words, verbose: false, capture: CAPTURE })].join('');
  return `${page.slice(0, start)}${COMMAND}\n${output}${page.slice(end)}`;
}
