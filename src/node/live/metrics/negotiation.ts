import type { ExpositionFormat } from './exposition.ts';

interface MediaRange {
  type: string;
  parameters: { [name: string]: string };
  quality: number;
}

/** Reads an `Accept` header (RFC 9110 §12.5.1), ignoring what is malformed. */
function mediaRanges(accept: string): MediaRange[] {
  return accept.split(',').flatMap((range) => {
    const [type = '', ...rest] = range.split(';').map((part) => part.trim().toLowerCase());
    const parameters = Object.fromEntries(rest.map((parameter) => {
      const [name = '', value = ''] = parameter.split('=', 2);
      return [name.trim(), value.trim().replaceAll('"', '')] as const;
    }));
    const quality = parameters['q'] === undefined ? 1 : Number(parameters['q']);
    return type.includes('/') && quality >= 0 && quality <= 1 ? [{ type, parameters, quality }] : [];
  });
}

/** The format for a client: OpenMetrics, if the client prefers version 1 of it to plain text, or likes both the same. */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  const ranges = mediaRanges(accept ?? '');
  const wanted = (types: readonly string[], isFitting: (range: MediaRange) => boolean): number =>
    Math.max(0, ...ranges.filter((range) => types.includes(range.type) && isFitting(range)).map(({ quality }) => quality));
  const openMetrics = wanted(['application/openmetrics-text'], ({ parameters }) => (parameters['version'] ?? '1.0.0') === '1.0.0');
  const plain = wanted(['text/plain', 'text/*'], () => true);
  return openMetrics > 0 && openMetrics >= plain ? 'openmetrics' : 'prometheus';
}
