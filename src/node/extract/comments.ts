import { escapeControls, RULES, VERSION } from '../../core/index.ts';
import type { Finding } from '../../core/index.ts';
import { listNumbers } from './number-list.ts';

const SHOWN_RANGES = 20;
const SHOWN_FINDINGS = 20;

/** A finding with its number in the report, from 1. */
export interface NumberedFinding {
  number: number;
  finding: Finding;
}

/** What a slice contains, for the comment at its head. */
export interface SliceSummary {
  /** Where the packets come from; null if that is not to be told. */
  source: string | null;
  packets: number;
  of: number;
  flows: readonly number[];
  findings: readonly NumberedFinding[];
  anonymised: boolean;
}

/** The comments of packets that are evidence, by frame number, in the order of the findings. */
export function evidenceComments(findings: readonly NumberedFinding[], anonymised: boolean): Map<number, string[]> {
  const comments = new Map<number, string[]>();
  for (const numbered of findings) {
    const text = nameOf(numbered, anonymised);
    for (const packet of numbered.finding.evidence.packets) {
      const list = comments.get(packet);
      const comment = `synoptic finding ${text} (packet ${packet} of the capture)`;
      if (list === undefined) comments.set(packet, [comment]);
      else list.push(comment);
    }
  }
  return comments;
}

/** The comment on the slice as a whole. */
export function sectionComment({ source, packets, of, flows, findings, anonymised }: SliceSummary): string {
  const origin = source === null ? '' : ` from ${source}`;
  const sentences = [
    `${packets} of ${of} packets${origin}, extracted by synoptic ${VERSION}.`,
    `Flows ${listNumbers(flows, SHOWN_RANGES)}, as they are numbered there.`,
  ];
  if (anonymised) sentences.push('Addresses are replaced so that common prefixes stay common, payload and unknown options are overwritten.');
  const shown = findings.slice(0, SHOWN_FINDINGS).map((each) => nameOf(each, anonymised));
  if (shown.length > 0) {
    const left = findings.length - shown.length;
    sentences.push(`Findings, whose evidence carries comments: ${shown.join('; ')}${left > 0 ? `; ${left} more` : ''}.`);
  }
  return escapeControls(sentences.join(' '));
}

/** A finding in words. If anonymised, with the title of its rule: its own may contain addresses. */
function nameOf({ number, finding }: NumberedFinding, anonymised: boolean): string {
  const title = anonymised ? (RULES.find(({ id }) => id === finding.rule)?.title ?? '') : finding.title;
  return escapeControls(`${number}: ${finding.severity}, ${finding.rule}: ${title}`);
}
