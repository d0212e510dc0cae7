import { endpointParts } from '../endpoint-parts.ts';
import type { LadderFinding } from './ladder.ts';
import type { Finding, Quality, Report } from './report.ts';
import type { FlowRow } from './rows.ts';

/** Most flow and packet numbers listed with a finding of a ladder. */
const LISTED = 20;

/** The findings of a report that concern a flow, in the order of the report. */
export function findingsOf(flow: FlowRow, { findings, capture }: Pick<Report, 'findings' | 'capture'>): LadderFinding[] {
  return findings.flatMap((finding, index) => {
    const isAbout = finding.evidence.flows.includes(flow.flow) || (finding.subject.kind === 'flow' && finding.subject.flow === flow.flow);
    if (!isAbout && !mayBeAbout(flow, finding)) return [];
    return [{ number: index + 1, certain: isAbout, finding: withShortEvidence(finding), settled_by: settledBy(finding, flow, capture.quality) }];
  });
}

/** The first flow that a finding is about; null if it is about the capture, or about packets of no connection. */
export function firstFlowOf({ subject, evidence }: Finding): number | null {
  return subject.kind === 'flow' ? subject.flow : (evidence.flows[0] ?? null);
}

/** Whether a finding is about an end of the flow, and does not list all of its flows. */
function mayBeAbout(flow: FlowRow, { subject, evidence }: Finding): boolean {
  if (evidence.more.flows === 0) return false;
  if (subject.kind === 'endpoint') return subject.endpoint === flow.client || subject.endpoint === flow.server;
  return subject.kind === 'host' && [flow.client, flow.server].some((end) => hostOf(end) === subject.host);
}

function withShortEvidence(finding: Finding): Finding {
  const { flows, packets, more } = finding.evidence;
  const short = (numbers: number[]): number => Math.max(0, numbers.length - LISTED);
  const evidence = {
    flows: flows.slice(0, LISTED),
    packets: packets.slice(0, LISTED),
    more: { flows: more.flows + short(flows), packets: more.packets + short(packets) },
  };
  return { ...finding, evidence };
}

/**
 * Captures that would settle the doubts about a finding. What leaves doubt is where and how this capture was taken: which packets it
 * lacks, and at which end it cannot show what happened.
 */
function settledBy(finding: Finding, flow: FlowRow, quality: Quality): string[] {
  const captures: string[] = [];
  const [client, server] = flow.packets;
  if (flow.outcome === 'midstream' || !/s/i.test(flow.history)) {
    captures.push('A capture that begins before the connection opens: it would show the handshake, the options and the true sequence numbers.');
  }
  if ((client === 0) !== (server === 0) && quality.one_way_flows > 0) {
    captures.push(`A capture that holds both directions: at an end itself, or at every path between ${hostOf(flow.client)} and ${hostOf(flow.server)}.`);
  }
  if (quality.lost_estimate > 0 || (quality.kernel_drops ?? 0) > 0) {
    captures.push('A capture without losses: with a larger buffer (tcpdump -B 65536) and a short snapshot length (-s 128), or from a tap instead of a mirror port.');
  }
  if ((quality.overlapping_files ?? 0) > 0) captures.push('The same files merged in order of time: mergecap -w both.pcapng FILE FILE.');
  if (quality.clock_steps > 0) captures.push('A capture whose clock is not set while it runs.');
  if (finding.doubts.length > 0 || finding.confidence !== 'high') captures.push(fromTheOtherEnd(flow, quality));
  return captures;
}

function fromTheOtherEnd(flow: FlowRow, { vantage }: Quality): string {
  const filter = filterOf(flow);
  const command = `tcpdump -i any -s 128 -w other.pcap ${filter}`;
  if (vantage === 'both') return `A capture that runs longer, at both ends: ${command}`;
  const place = vantage === 'client' ? `at the server, ${hostOf(flow.server)}` : vantage === 'server' ? `at the client, ${hostOf(flow.client)}` : 'at each end';
  return `A second capture at the same time ${place}: it would show what arrived there, and what was sent that never came here: ${command}`;
}

function filterOf({ client, server }: FlowRow): string {
  return `'host ${hostOf(client)} and host ${hostOf(server)} and tcp port ${endpointParts(server).port}'`;
}

function hostOf(endpoint: string): string {
  return endpointParts(endpoint).host;
}
