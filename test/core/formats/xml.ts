/** An element of an XML text: its name, attributes and text, without its children's. */
export interface XmlElement {
  name: string;
  attributes: Map<string, string>;
  text: string;
}

const ENTITIES: { readonly [entity: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function plain(text: string): string {
  if (/[<>]|&(?!(?:amp|lt|gt|quot|#39);)/.test(text)) throw new Error(`not escaped: ${text}`);
  // The characters that XML 1.0 §2.2 does not allow.
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text)) throw new Error(`no character of XML: ${JSON.stringify(text)}`);
  return text.replace(/&([^;]+);/g, (_, entity: string) => ENTITIES[entity]);
}

/** All elements of a well-formed XML text, in the order in which they begin. Throws for any other; knows no more of XML than our pictures use. */
export function parseXml(text: string): XmlElement[] {
  const body = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  const elements: XmlElement[] = [];
  const open: XmlElement[] = [];
  for (const [, tag, content] of body.matchAll(/(<[^<>]*>)|([^<]+)/g)) {
    if (tag === undefined) {
      const words = plain(content);
      const inner = open.at(-1);
      if (inner !== undefined) inner.text += words;
      else if (words.trim() !== '') throw new Error(`text outside: ${words}`);
      continue;
    }
    const closing = /^<\/([\w-]+)>$/.exec(tag);
    if (closing) {
      if (open.pop()?.name !== closing[1]) throw new Error(`${tag} closes nothing`);
      continue;
    }
    const [, name, rest, empty] = /^<([\w-]+)((?: [\w:-]+="[^"]*")*)(\/?)>$/.exec(tag) ?? [];
    if (name === undefined) throw new Error(`no tag: ${tag}`);
    if (open.length === 0 && elements.length > 0) throw new Error(`a second root: ${tag}`);
    const attributes = new Map([...rest.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]): [string, string] => [key, plain(value)]));
    const element: XmlElement = { name, attributes, text: '' };
    elements.push(element);
    if (empty === '') open.push(element);
  }
  if (open.length > 0) throw new Error(`not closed: ${open.map(({ name }) => name).join(' ')}`);
  if (body.replaceAll(/<[^<>]*>|[^<]+/g, '') !== '') throw new Error('a < that begins no tag');
  return elements;
}
