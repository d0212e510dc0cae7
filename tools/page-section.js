/**
 * The page with a section of it made anew. A section stands between `<!-- NAME -->` and `<!-- /NAME -->`; one that the page has not yet is
 * put at its end.
 * @param {string} page
 * @param {string} name
 * @param {string} text
 * @returns {string}
 */
export function withSection(page, name, text) {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->\n`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) return `${page.trimEnd()}\n\n${begin}${text}${end}`;
  return `${page.slice(0, from)}${begin}${text}${page.slice(to)}`;
}
