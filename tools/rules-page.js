/** @typedef {import('../dist/src/core/rules/rule.js').Rule} Rule */

const HEAD = `# The rules

Generated from \`src/core/rules/\` by \`node tools/rules-docs.js\`: edit the rules, not this page.

A rule judges facts that the analysis of every connection yields (\`src/core/observations.ts\`). Repeats of one cause at one server are one
finding with a count; single occurrences that share a client or a server's host come as one; and what is part of a scan or a flood is left to the finding
about that. \`--rules a,b\` runs only some rules, \`--skip a,b\`
leaves some out, and \`--set rule.option=value\` changes a setting.

## Severity

| severity | what it means | whom it should reach |
|---|---|---|
| critical | a service is failing now, or will within minutes | someone, at any hour |
| high | connections fail, resources leak or data is lost, and go on doing so; or an attack that works | someone, today |
| medium | likely a defect or an attempt at an attack; users may notice | whoever owns the service |
| low | unusual and untidy; harmless by itself | whoever is looking anyway |
| info | normal on the internet; context for the rest | nobody by itself |

## Confidence

| confidence | what it means |
|---|---|
| high | the packets prove it |
| medium | the packets show it, and another cause is possible; \`doubts\` names it |
| low | a hint; never more than severity \`low\` |

What the capture itself cannot support lowers the confidence of every finding about the traffic by a level, two at most, and is named in
\`doubts\`: an estimated capture loss of 0.5 % or more, 0.1 % dropped before they could be captured, half of the connections captured in one direction only, a clock set back within the capture; files that overlap in time lower it by two.
What is said of the capture itself (\`capture-loss\`, \`asymmetric-capture\`, \`midstream\`, \`duplicate\`) is always \`info\`: it says what cannot be concluded. The first lines of the
text report name such faults, too.

Two tests hold these criteria: an hour of healthy servers (ten thousand connections with loss, resets, half-closes and keep-alives) gives no finding of \`medium\` or above, and
[peers.md](peers.md) defends each finding of \`medium\` and above in real captures.

`;

/**
 * The page docs/rules.md.
 * @param {readonly Rule[]} rules
 * @returns {string}
 */
export function renderRules(rules) {
  const table = ['| rule | finds | severity |', '|---|---|---|', ...rules.map((rule) => `| [${rule.id}](#${rule.id}) | ${rule.summary} | ${range(rule)} |`)];
  return `${HEAD}## All rules\n\n${table.join('\n')}\n\n${rules.map(renderRule).join('\n')}`;
}

/** @param {Rule} rule */
function range(rule) {
  return rule.severities.length > 1 ? `${rule.severities.at(-1)} to ${rule.severities[0]}` : rule.severities[0];
}

/** @param {Rule} rule */
function renderRule(rule) {
  const lines = [`## ${rule.id}`, '', `**${rule.title}.** ${rule.summary}`, '', `Severity: ${rule.severities.join(', ')}.`];
  if (rule.references.length > 0) lines.push(`See ${rule.references.join(', ')}.`);
  lines.push(`Also known as: ${rule.aliases.join(', ')}.`, '', `In a bad capture: ${rule.underFaults}`, '');
  const options = Object.entries(rule.options);
  if (options.length > 0) {
    lines.push('| setting | default | meaning |', '|---|---|---|');
    for (const [name, option] of options) lines.push(`| \`${rule.id}.${name}\` | ${option.default} ${option.unit} | ${option.meaning} |`);
    lines.push('');
  }
  for (const example of rule.examples.flagged) lines.push(...renderExample('Reported', example));
  for (const example of rule.examples.clean) lines.push(...renderExample('Not reported', example));
  return `${lines.join('\n')}\n`;
}

/**
 * @param {string} what
 * @param {{title: string, conversation: string}} example
 */
function renderExample(what, { title, conversation }) {
  return [`${what}: ${title}`, '', '```', ...unindented(conversation), '```', ''];
}

/**
 * Without the indentation that the source has.
 * @param {string} text
 */
function unindented(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const margin = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(margin));
}
