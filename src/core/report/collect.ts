import type { CaptureView, ConnectionView } from '../views.ts';
import type { Draft, Rule } from '../rules/rule.ts';
import { count, plural } from '../rules/words.ts';
import { CONFIDENCES, isAtLeast, SEVERITIES } from './report.ts';
import type { Confidence, Finding, Severity } from './report.ts';

/** Findings are doubted from this share of missed segments on: one in 200. */
const LOSS_DOUBTED = 0.005;
/** Findings are doubted from this share of dropped packets on: one in 1,000. */
const DROPS_DOUBTED = 0.001;
/** Findings are doubted from this share of one-way flows on. */
const ONE_WAY_DOUBTED = 0.5;
/** Confidence is lowered by so many levels at most. */
const MOST_LEVELS = 2;

/** Gathers the drafts that rules report and turns them into findings. */
export class Collector {
  private readonly drafts: { rule: Rule; draft: Draft; order: number }[] = [];
  private readonly connections: ConnectionView;
  private readonly capture: CaptureView;
  private readonly evidence: number;

  /** `evidence`: most flow and packet numbers that a finding lists. */
  constructor(connections: ConnectionView, capture: CaptureView, evidence: number) {
    this.connections = connections;
    this.capture = capture;
    this.evidence = evidence;
  }

  add(rule: Rule, draft: Draft): void {
    this.drafts.push({ rule, draft, order: this.drafts.length });
  }

  /** All findings except those that are part of another. The most severe first, then by first time, rule, and order of the drafts. */
  findings(): Finding[] {
    const doubts = this.doubtsOfCapture();
    const explained = new Set(this.drafts.map(({ rule, draft }) => rule.explains?.(draft)));
    return this.drafts
      .filter(({ rule, draft }) => rule.explainedBy?.(draft).some((cause) => explained.has(cause)) !== true)
      .map(({ rule, draft, order }) => ({ finding: this.finding(rule, draft, doubts), first: draft.first, order }))
      .sort(
        (one, other) =>
          SEVERITIES.indexOf(other.finding.severity) - SEVERITIES.indexOf(one.finding.severity) ||
          one.first - other.first ||
          compareText(one.finding.rule, other.finding.rule) ||
          one.order - other.order,
      )
      .map(({ finding }) => finding);
  }

  private finding(rule: Rule, draft: Draft, doubtsOfCapture: readonly string[]): Finding {
    const { explanation, advice, title } = rule.explain(draft.facts, draft.subject);
    // Faults of the capture do not cast doubt on findings about the capture.
    const doubted = draft.subject.kind === 'capture' || draft.severity === 'info' ? [] : [...doubtsOfCapture, ...this.doubtsOfClock(rule)];
    // Where files overlap, everything in them seems to happen again: no more than a hint is left.
    const confidence = lowered(draft.confidence, doubted.length > 0 && this.capture.overlappingFiles() > 0 ? MOST_LEVELS : doubted.length);
    return {
      rule: rule.id,
      severity: severityAt(draft.severity, confidence),
      confidence,
      title: title ?? rule.title,
      subject: draft.subject,
      first_ns: this.connections.epoch(draft.first),
      last_ns: this.connections.epoch(draft.last),
      count: draft.count,
      evidence: {
        flows: draft.flows.slice(0, this.evidence),
        packets: draft.packets.slice(0, this.evidence),
        more: {
          flows: (draft.moreFlows ?? 0) + Math.max(0, draft.flows.length - this.evidence),
          packets: (draft.morePackets ?? 0) + Math.max(0, draft.packets.length - this.evidence),
        },
      },
      facts: draft.facts,
      explanation,
      advice,
      references: [...rule.references],
      doubts: [...draft.doubts, ...doubted],
    };
  }

  private doubtsOfClock(rule: Rule): string[] {
    if (rule.timed !== true || !this.capture.stampedOnDelivery()) return [];
    return ['Packets were stamped when they were delivered to synoptic, not by the kernel: times of less than some 10 ms may be wrong.'];
  }

  /** Doubts that the capture casts on every finding. They are added in this one place, so that no rule can forget them. */
  private doubtsOfCapture(): string[] {
    const capture = this.capture;
    const doubts: string[] = [];
    const loss = capture.lossShare();
    const dropped = capture.dropped() ?? 0;
    const droppedShare = dropped / Math.max(1, capture.packets() + dropped);
    if (droppedShare >= DROPS_DOUBTED) {
      doubts.push(`${plural(dropped, 'packet')} (${(100 * droppedShare).toFixed(1)} %) ${dropped === 1 ? 'was' : 'were'} dropped before they could be captured: what seems absent may only be uncaptured.`);
    } else if (loss >= LOSS_DOUBTED) {
      doubts.push(`The capture missed about ${(100 * loss).toFixed(1)} % of the segments: what seems absent may only be uncaptured.`);
    }
    const flows = capture.flows();
    if (flows > 0 && capture.oneWayFlows() / flows >= ONE_WAY_DOUBTED) {
      doubts.push(`${count(capture.oneWayFlows())} of ${plural(flows, 'connection was', 'connections were')} captured in one direction only.`);
    }
    const overlaps = capture.overlappingFiles();
    if (overlaps > 0) {
      doubts.push(`${plural(overlaps, 'file begins', 'files begin')} while the one before still ran, and they were read one after the other; merge them first: mergecap -w both.pcapng FILE FILE.`);
    }
    if (capture.clockStepped()) doubts.push("The capture's clock was set back within it: durations may be wrong.");
    return doubts;
  }
}

/** One level lower for each doubt of the capture. */
function lowered(confidence: Confidence, doubts: number): Confidence {
  return CONFIDENCES[Math.max(0, CONFIDENCES.indexOf(confidence) - Math.min(doubts, MOST_LEVELS))] ?? 'low';
}

/** A hint is at most `low`: nobody should be woken by one. */
function severityAt(severity: Severity, confidence: Confidence): Severity {
  return confidence === 'low' && isAtLeast(severity, 'low') ? 'low' : severity;
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
