import { Kind } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { ConnectionView } from '../views.ts';
import { ACK, FIN, PSH, RST, SYN, URG } from '../wire/segment.ts';
import { Contacts, Failure, listed, draftOfHostScan } from './contacts.ts';
import type { Contact } from './contacts.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { countOf, textOf } from './words.ts';

const FLAGS = SYN | ACK | FIN | RST | PSH | URG;
/** First segments that open no connection, by what scanners call them. SYN, SYN-ACK and RST may be the first of honest flows. */
const PROBES: readonly [flags: number, name: string, isHonest: boolean][] = [
  [0, 'null', false],
  [FIN, 'fin', false],
  [FIN | PSH | URG, 'xmas', false],
  [SYN | FIN, 'synfin', false],
  // Connections that are older than the capture begin with these, too.
  [FIN | ACK, 'maimon', true],
  [ACK, 'ack', true],
];
/** Added to the probe of a flow when a RST answered it. */
const ANSWERED = 0x100;
/** Ports from here on are clients' (the lowest in use by a common system). */
const EPHEMERAL = 32_768;
/** A probe that nobody answers is tried again at most so often; one that is answered is not followed by anything. */
const MOST_TRIES = 3;
const MOST_PENDING = 1_000_000;

export const stealthScan: Rule = {
  id: 'stealth-scan',
  title: 'Stealth scan of one host',
  summary: 'One source sends single FIN, NULL, XMAS, SYN+FIN, Maimon or ACK segments to many ports of one host.',
  severities: ['medium', 'low'],
  references: ['RFC 9293 §3.10.7.1', 'RFC 9293 §3.10.7.2'],
  aliases: ['fin scan', 'null scan', 'xmas scan', 'ack scan', 'maimon scan'],
  underFaults: 'In captures that begin midstream, single ACKs and FINs of old connections look alike: they count only when a RST answers them, and not towards ports that clients use.',
  options: { minimum: { default: 10, unit: 'ports', meaning: 'of one host' } },
  watches: [Kind.STARTED_WITHOUT_SYN],
  afterwards: [Kind.RESET, Kind.RESET_UNACCEPTABLE, Kind.FLOW_ENDED],
  examples: {
    flagged: [{ title: 'FIN to twenty ports', conversation: 'repeat 20 every 0.01 { C > S:# FIN ts=0; S:# > C RST ACK seq=0 }' }],
    clean: [{ title: 'twenty connections end in the capture', conversation: 'repeat 20 every 0.01 { C > S:# FIN ACK; S:# > C FIN ACK; C > S:# ACK }' }],
  },
  start: (context) => new StealthScan(context),
  explain: (facts) => ({
    explanation:
      `${textOf(facts, 'source')} sent ${textOf(facts, 'flags')} probes to ${facts['at_least'] === true ? 'at least ' : ''}${countOf(facts, 'ports')} ports of ${textOf(facts, 'target')}. Closed ports answer such segments with RST and open ones stay silent ` +
      '(an ACK probe shows what a firewall lets through), so the sender learns which ports are open without a SYN that a simple filter would log.',
    advice: [
      `tcpdump -nr CAPTURE 'src host ${textOf(facts, 'source')} and dst host ${textOf(facts, 'target')}'`,
      "nft add rule inet filter input 'ct state invalid drop'",
    ],
  }),
};

class StealthScan implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly contacts: Contacts;
  /** Flows that began with a probe's flags: index into PROBES. */
  private readonly pending = new Map<number, number>();
  private readonly flagsOf = new Map<number, Set<number>>();

  constructor(context: RuleContext) {
    this.context = context;
    this.contacts = new Contacts(context.connections);
  }

  observe(observation: Observation): void {
    if (observation.kind === Kind.STARTED_WITHOUT_SYN) this.started(observation);
    else if (observation.kind === Kind.FLOW_ENDED) this.ended(observation);
    else this.reset(observation);
  }

  finish(): void {
    for (const contact of this.contacts.all.values()) {
      if (contact.failed.size >= this.context.option('minimum')) this.report(contact);
    }
  }

  private reset({ flow, side }: Observation): void {
    const probe = side === 1 ? this.pending.get(flow) : undefined;
    if (probe !== undefined) this.pending.set(flow, probe | ANSWERED);
  }

  private started({ flow, a }: Observation): void {
    const flags = a & FLAGS;
    for (let probe = 0; probe < PROBES.length; probe += 1) {
      if (PROBES[probe][0] === flags && this.pending.size < MOST_PENDING) this.pending.set(flow, probe);
    }
  }

  private ended(observation: Observation): void {
    const { flow } = observation;
    const pending = this.pending.get(flow);
    if (pending === undefined) return;
    this.pending.delete(flow);
    const { connections } = this.context;
    const probe = pending & ~ANSWERED;
    const isAnswered = (pending & ANSWERED) !== 0;
    if (PROBES[probe][2] && !isForeign(connections, flow, isAnswered)) return;
    const answers = connections.packets(flow, 1);
    // Whatever is answered by anything but a RST is a connection.
    if (answers > 0 && !isAnswered) return;
    const sent = connections.packets(flow, 0);
    if (answers > 1 || sent > (answers === 0 ? MOST_TRIES : 1) || connections.bytes(flow, 0) + connections.bytes(flow, 1) > 0) return;
    // The prober is the sender of the first segment, whatever the ports suggest.
    const source = connections.hostIndex(flow, 0);
    const host = connections.hostIndex(flow, 1);
    const how = answers > 0 ? Failure.REFUSED : Failure.UNANSWERED;
    const contact = this.contacts.fail(source, host, connections.port(flow, 1), how, connections.started(flow), observation);
    if (contact === undefined) return;
    const flags = this.flagsOf.get(contact.key) ?? new Set<number>();
    flags.add(probe);
    this.flagsOf.set(contact.key, flags);
  }

  private report(contact: Contact): void {
    const flags = [...(this.flagsOf.get(contact.key) ?? [])].map((probe) => PROBES[probe][1]);
    this.context.report(
      draftOfHostScan(contact, this.context.connections, {
        flags: flags.join(', '),
        ports: contact.failed.size,
        answered: contact.refused,
        silent: contact.unanswered,
        first_ports: listed(contact.failed),
      }),
    );
  }
}

/** An ACK or FIN+ACK that is reset may be a probe, unless a server sends it to what was a client's port. */
function isForeign(connections: ConnectionView, flow: number, isAnswered: boolean): boolean {
  return isAnswered && !(connections.port(flow, 0) < EPHEMERAL && connections.port(flow, 1) >= EPHEMERAL);
}
