/** Characters that JSON allows in a string as they are, but a terminal obeys: DEL and the C1 controls. */
const TERMINAL_CONTROLS = /[\u007f-\u009f]/g;

function quote(text: string): string {
  return JSON.stringify(text).replace(TERMINAL_CONTROLS, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}

/** A scalar as JSON, undefined for anything else. 64-bit integers are written in full; what JSON cannot hold becomes null. */
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

/** The members of an object that JSON has, in the object's order. */
function members(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, member]) => member !== undefined);
}

/** JSON on one line. Unlike `JSON.stringify` it writes bigints, as integers with all their digits. */
export function compactJson(value: unknown): string {
  const plain = scalar(value);
  if (plain !== undefined) return plain;
  if (Array.isArray(value)) return `[${value.map(compactJson).join(',')}]`;
  return `{${members(value as object).map(([name, member]) => `${quote(name)}:${compactJson(member)}`).join(',')}}`;
}

/** JSON for people: two spaces a level; an array of scalars stays on one line. */
export function prettyJson(value: unknown, indent = ''): string {
  const plain = scalar(value);
  if (plain !== undefined) return plain;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((item) => scalar(item) !== undefined)) return `[${value.map(scalar).join(', ')}]`;
    return `[\n${value.map((item) => inner + prettyJson(item, inner)).join(',\n')}\n${indent}]`;
  }
  const lines = members(value as object).map(([name, member]) => `${inner}${quote(name)}: ${prettyJson(member, inner)}`);
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`;
}
