/** Characters that JSON need not escape, but a terminal obeys: DEL and the C1 controls. */
const TERMINAL_CONTROLS = /[\u007f-\u009f]/g;

/** Text without characters that JSON escapes: nearly all there is. */
const PLAIN_TEXT = /^[ !#-[\]-~]*$/;

/** A text as a JSON string. */
export function quote(text: string): string {
  if (PLAIN_TEXT.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(TERMINAL_CONTROLS, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}

/** Quoted names of members: every row has the same few. */
const NAMES = new Map<string, string>();
const NAMES_KEPT = 1000;

function quoteName(name: string): string {
  let quoted = NAMES.get(name);
  if (quoted === undefined) {
    quoted = quote(name);
    if (NAMES.size < NAMES_KEPT) NAMES.set(name, quoted);
  }
  return quoted;
}

/** A scalar as JSON, undefined for anything else. Bigints are written with all digits; what JSON cannot express becomes null. */
function scalar(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : undefined;
    default:
      return 'null';
  }
}

/** JSON on one line. Unlike `JSON.stringify` it accepts bigints, and writes them as integers with all digits. */
export function compactJson(value: unknown): string {
  const plain = scalar(value);
  if (plain !== undefined) return plain;
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${compactJson(item)}`;
    return `[${text}]`;
  }
  const object = value as { readonly [name: string]: unknown };
  for (const name of Object.keys(object)) {
    if (object[name] !== undefined) text += `${text === '' ? '' : ','}${quoteName(name)}:${compactJson(object[name])}`;
  }
  return `{${text}}`;
}

/** JSON for people, indented by two spaces. Arrays of scalars stay on one line. */
export function prettyJson(value: unknown, indent = ''): string {
  const plain = scalar(value);
  if (plain !== undefined) return plain;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((item) => scalar(item) !== undefined)) return `[${value.map(scalar).join(', ')}]`;
    return `[\n${value.map((item) => inner + prettyJson(item, inner)).join(',\n')}\n${indent}]`;
  }
  const lines = Object.entries(value as object)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${inner}${quote(name)}: ${prettyJson(member, inner)}`);
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`;
}
