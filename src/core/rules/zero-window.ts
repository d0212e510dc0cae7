import { Kind, otherSide } from '../observations.ts';
import type { Observation, Side } from '../observations.ts';
import type { Fact, Severity } from '../report/report.ts';
import { ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2 } from '../tcp/state.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group, Verdict } from './occurrences.ts';
import type { Explanation, Rule, RuleContext, RunningRule } from './rule.ts';
import { countOf, duration, filterOf, numberOf, partsOf, plural, seconds, sourceMatch, ssAddress, textOf } from './words.ts';
import { ZeroWindowStress } from './zero-window-stress.ts';

/** Stalls of the client's end and of the server's, in nanoseconds; the longest; those that never ended. */
const BY_CLIENT = 0;
const BY_SERVER = 1;
const LONGEST = 2;
const NEVER_OPENED = 3;
/** Opened by the answer to a probe: no update had come; and how long that may have been in vain, in nanoseconds. */
const BY_PROBE = 4;
const PROBE_WAIT = 5;
/** An update was captured, and its receiver knew nothing of it. */
const UPDATE_LOST = 6;
/** The longest stall of a server's end. */
const LONGEST_BY_SERVER = 7;
/** Stalls in which the sender asked for room: it had something to send. */
const PROBED = 8;
const MOST_OPEN = 65_536;
/** A probe so soon (nanoseconds) after an update may have crossed it on the way. */
const CROSSING = 200e6;
/** Waits between probes at most double (RFC 9293 §3.8.6.1): one that comes later than this many of them is a keep-alive. */
const BACK_OFF = 2.5;
const ONE_AFTER_THE_OTHER = 'A program that opens many connections at once, and reads one after the other, looks the same.';
const AS_THE_PROBE_CAME = 'A program that read just as the probe came would look the same.';
const NOTHING_TO_SEND = 'No probe of the closed window was captured: its sender may have had nothing to send, and then nobody waited.';

/** A window that is closed now, or that was closed until lately. */
interface Stall {
  group: Group;
  since: number;
  /** When it opened; -1 while it is closed. */
  opened: number;
  /** Time of the latest probe, or of the stall's beginning before the first, and the wait before it. */
  probed: number;
  wait: number;
}

export const zeroWindow: Rule = {
  id: 'zero-window',
  title: 'Receiver stalls its sender',
  summary: 'An end announces a window of zero: its program does not read, and the sender must stop. For how long, who stalled whom, and whether the update that ends it got lost.',
  severities: ['high', 'medium', 'low', 'info'],
  references: ['RFC 9293 §3.8.6', 'RFC 9293 §3.8.6.1', 'RFC 1122 §4.2.2.17'],
  aliases: [
    'tcp.analysis.zero_window', 'zero window probe', 'lost window update', 'window full', 'WINDOW_SHUT', 'receiver buffer full',
    'flow control stall', 'zero-window stress', 'sockstress', 'NAPTHA', 'tcp.analysis.zero_window_probe', 'tcp.analysis.zero_window_probe_ack',
    'tcp.analysis.window_full', 'tcp.analysis.window_update',
  ],
  underFaults:
    'A stall lasts from the segment that closes the window to the one that opens it; if the capture missed either it seems longer or shorter. A window update that only the capture missed is not lost: ' +
    'its receiver would have sent data, no probe. Ends that wait for no more data do not count.',
  options: {
    brief: { default: 0.2, unit: 'seconds', meaning: 'shorter stalls are ordinary flow control, and a remark' },
    long: { default: 1, unit: 'seconds', meaning: "a stall by the server from on this is medium; a client that does not read (a player that pauses) keeps nobody else waiting, and is low" },
    severe: { default: 10, unit: 'seconds', meaning: 'a stall from on this is high' },
    stress: { default: 20, unit: 'connections', meaning: 'that one client host holds at a window of zero at once, each for `severe` seconds: an attack, and high' },
  },
  watches: [Kind.ZERO_WINDOW, Kind.WINDOW_PROBE, Kind.WINDOW_OPENED, Kind.KEEP_ALIVE],
  afterwards: [Kind.FLOW_ENDED],
  examples: {
    flagged: [
      {
        title: 'the server does not read for three seconds',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          C > S PSH ACK 1000
          S > C ACK win=0
          +0.2 C > S ACK seq=-1
          S > C ACK win=0
          +3 S > C ACK
          C > S PSH ACK 1000
          S > C ACK`,
      },
      {
        title: 'one host lets twenty-five answers stand before a closed window',
        conversation: `
          repeat 25 every 0.1 {
            C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 100; S > C:# PSH ACK 1000
            C:# > S ACK win=0
            +20 S > C:# ACK seq=-1
            C:# > S ACK win=0
          }`,
      },
      {
        title: 'the server reads, and its window update is lost: only a probe finds the window open',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          C > S PSH ACK 1000
          S > C ACK win=0
          +0.2 C > S ACK seq=-1
          S > C ACK win=0
          +0.1 ~ S > C ACK
          +0.3 C > S ACK seq=-1
          S > C ACK
          C > S PSH ACK 1000
          S > C ACK`,
      },
    ],
    clean: [
      {
        title: 'the client has closed: nothing more will come to the window of zero',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C ACK win=0; +5 S > C FIN ACK; C > S ACK',
      },
    ],
  },
  start: (context) => new ZeroWindow(context),
  explain(facts) {
    if (numberOf(facts, 'most_stalled_by_source') > 0) return explainStress(facts);
    const server = textOf(facts, 'server');
    const who = numberOf(facts, 'stalled_by_server_seconds') >= numberOf(facts, 'stalled_by_client_seconds') ? 'server' : 'client';
    const { port } = partsOf(server);
    return {
      explanation:
        `On ${plural(numberOf(facts, 'connections'), 'connection')} of ${server} a window closed ${plural(numberOf(facts, 'stalls'), 'time')}: ${whoStalledWhom(facts)}; the longest stall took ${duration(numberOf(facts, 'longest_seconds'))}` +
        `${numberOf(facts, 'never_opened') > 0 ? `, and ${countOf(facts, 'never_opened')} had not ended when the capture (or the connection) did` : ''}. ` +
        causeOf(facts, who),
      advice: [
        ...(isLossOnly(facts) ? [`synoptic packets CAPTURE | grep -e zero-window -e window-update   # the updates, and the probes after them`] : []),
        `ss -tnmi '( sport = :${port} )'   # Recv-Q that stays full: the program does not read`,
        'Look at what that process does: top -H, a stack dump, its own log at these times.',
        'nstat -az TcpExtTCPToZeroWindowAdv TcpExtTCPWantZeroWindowAdv TcpExtTCPFromZeroWindowAdv',
        `tcpdump -nr CAPTURE ${filterOf(server, ' and tcp[14:2] = 0 and tcp[tcpflags] & (tcp-rst|tcp-syn) = 0')}`,
      ],
    };
  },
};

function explainStress(facts: { readonly [name: string]: Fact }): Explanation {
  const server = textOf(facts, 'server');
  const source = textOf(facts, 'source');
  const { port } = partsOf(server);
  return {
    title: 'Zero-window stress: one host holds many connections at a closed window',
    explanation:
      `${source} asked ${server} for data on up to ${plural(numberOf(facts, 'most_stalled_by_source'), 'connection')} at once and let them stand before a window of zero, the longest for ${duration(numberOf(facts, 'longest_seconds'))}. ` +
      'The server must keep each socket, what it has to send, and often a worker, for as long as the window is probed and the probes are answered: that is an attack that costs its sender nothing (sockstress, Naptha).',
    advice: [
      `ss -tnmo state established '( sport = :${port} )' dst ${ssAddress(source)}   # Send-Q and timer:(persist,…)`,
      `nft add rule inet filter input tcp dport ${port} ct state new ${sourceMatch(source)} drop`,
      'Set a time limit for sending an answer: send_timeout (nginx), TimeOut (Apache), timeout client (HAProxy); TCP_USER_TIMEOUT ends it in the kernel.',
      `tcpdump -nr CAPTURE ${filterOf(server, ` and src host ${source} and tcp[14:2] = 0`)}`,
    ],
  };
}

function whoStalledWhom(facts: { readonly [name: string]: Fact }): string {
  const byServer = numberOf(facts, 'stalled_by_server_seconds');
  const byClient = numberOf(facts, 'stalled_by_client_seconds');
  const parts: string[] = [];
  if (byServer > 0 || byClient === 0) parts.push(`the server stalled its clients for ${duration(byServer)} in all`);
  if (byClient > 0) parts.push(`clients stalled the server for ${duration(byClient)} in all`);
  return parts.join(', ');
}

/** Whether the program is to blame, or the path that lost its updates. */
function causeOf(facts: { readonly [name: string]: Fact }, who: string): string {
  const byProbe = numberOf(facts, 'opened_by_probe');
  const updatesLost = numberOf(facts, 'updates_lost_after_capture_point');
  const parts: string[] = [];
  if (byProbe > 0) {
    parts.push(
      `${plural(byProbe, 'stall')} ended only when the sender probed and found the window open: the program had read, but the window update that says so was lost before it got here, or never sent. ` +
        `So up to ${duration(numberOf(facts, 'waited_for_lost_update_seconds'))} of the stall was for nothing.`,
    );
  }
  if (updatesLost > 0) parts.push(`${plural(updatesLost, 'window update')} passed here, and the sender went on probing: it was lost between here and the sender.`);
  if (!isLossOnly(facts)) {
    parts.push(
      `${parts.length > 0 ? 'In the others the' : 'The'} network is not at fault: the program on the ${who}'s side does not read what has arrived, because it is busy, blocked, or waits for something itself.`,
    );
  }
  return parts.join(' ');
}

/** No stall ended by an update that arrived. */
function isLossOnly(facts: { readonly [name: string]: Fact }): boolean {
  return numberOf(facts, 'stalls') <= numberOf(facts, 'opened_by_probe') + numberOf(facts, 'updates_lost_after_capture_point');
}

class ZeroWindow implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly stalls: Occurrences;
  /** By the end (flow * 2 + side) whose window it is. */
  private readonly followed = new Map<number, Stall>();
  private readonly stress: ZeroWindowStress;

  constructor(context: RuleContext) {
    this.context = context;
    this.stalls = new Occurrences(context);
    this.stress = new ZeroWindowStress(context);
  }

  observe(observation: Observation): void {
    const { kind, flow, side, time, a } = observation;
    switch (kind) {
      case Kind.ZERO_WINDOW:
        this.close(observation);
        break;
      case Kind.WINDOW_OPENED:
        this.open(flow, side, time, a === 1);
        break;
      case Kind.WINDOW_PROBE:
        this.probe(flow, otherSide(side), time);
        break;
      case Kind.KEEP_ALIVE:
        this.probeOpened(observation);
        break;
      default:
        this.end(flow, 0, time);
        this.end(flow, 1, time);
    }
  }

  finish(): void {
    reportGroups(this.stalls.groups.values(), this.context, (group) => this.judge(group));
  }

  private close(observation: Observation): void {
    const { flow, side, time } = observation;
    const { connections } = this.context;
    const state = connections.state(flow, side);
    const end = flow * 2 + side;
    this.followed.delete(end);
    // Who has been sent a FIN waits for nothing more, and before the handshake is over nobody waits yet.
    if ((state !== ESTABLISHED && state !== FIN_WAIT_1 && state !== FIN_WAIT_2) || this.followed.size >= MOST_OPEN) return;
    if (connections.bytes(flow, otherSide(side)) === 0) return;
    const group = this.stalls.add(serverOf(this.context, flow), observation);
    if (group !== null) this.followed.set(end, { group, since: time, opened: -1, probed: time, wait: 0 });
  }

  /** The window of `side` is probed. */
  private probe(flow: number, side: Side, time: number): void {
    const stall = this.followed.get(flow * 2 + side);
    if (stall === undefined) return;
    if (stall.wait === 0) stall.group.tally(PROBED);
    stall.wait = time - stall.probed;
    stall.probed = time;
  }

  private open(flow: number, side: Side, time: number, answersProbe: boolean): void {
    const stall = this.followed.get(flow * 2 + side);
    if (stall === undefined || stall.opened >= 0) return;
    if (answersProbe) {
      stall.group.tally(BY_PROBE);
      stall.group.tally(PROBE_WAIT, stall.wait);
    }
    this.measure(stall, flow, side, stall.since, time);
    // Without a probe before, one that comes now is nothing that goes on.
    if (answersProbe || stall.wait === 0) this.followed.delete(flow * 2 + side);
    else stall.opened = time;
  }

  /** Its sender goes on probing a window that an update opened, in its usual steps and without new data: that never reached it. */
  private probeOpened({ flow, side, time }: Observation): void {
    const peer = otherSide(side);
    const stall = this.followed.get(flow * 2 + peer);
    if (stall === undefined || time - stall.opened < CROSSING) return;
    this.followed.delete(flow * 2 + peer);
    if (this.context.connections.lastData(flow, side) > stall.opened || time - stall.probed > BACK_OFF * stall.wait) return;
    stall.group.tally(UPDATE_LOST);
    this.measure(stall, flow, peer, stall.opened, time);
  }

  /** Counts the time from `from` on as stalled. */
  private measure({ group, since }: Stall, flow: number, side: Side, from: number, time: number): void {
    group.tally(side === this.context.connections.client(flow) ? BY_CLIENT : BY_SERVER, Math.max(0, time - from));
    group.most(LONGEST, Math.max(0, time - since));
    if (side !== this.context.connections.client(flow)) group.most(LONGEST_BY_SERVER, Math.max(0, time - since));
    else if (time - since >= this.context.option('severe') * 1e9) this.stress.note(group.key, flow, side, since, time);
    group.last = Math.max(group.last, time);
  }

  private end(flow: number, side: Side, time: number): void {
    const stall = this.followed.get(flow * 2 + side);
    if (stall === undefined) return;
    this.followed.delete(flow * 2 + side);
    if (stall.opened >= 0) return;
    this.measure(stall, flow, side, stall.since, time);
    stall.group.tally(NEVER_OPENED);
  }

  private judge(group: Group): Verdict {
    const stress = this.stress.of(group.key);
    const isStress = stress.most >= this.context.option('stress');
    const doubt = isStress ? ONE_AFTER_THE_OTHER : this.doubtOf(group);
    return {
      severity: isStress ? 'high' : this.severityOf(group),
      confidence: doubt === NOTHING_TO_SEND ? 'medium' : 'high',
      facts: {
        stalls: group.count,
        stalled_by_server_seconds: seconds(group.at(BY_SERVER)),
        stalled_by_client_seconds: seconds(group.at(BY_CLIENT)),
        longest_seconds: seconds(group.at(LONGEST)),
        never_opened: group.at(NEVER_OPENED),
        opened_by_probe: group.at(BY_PROBE),
        waited_for_lost_update_seconds: seconds(group.at(PROBE_WAIT)),
        updates_lost_after_capture_point: group.at(UPDATE_LOST),
        ...(isStress && { source: stress.source, most_stalled_by_source: stress.most }),
      },
      doubts: doubt === null ? [] : [doubt],
    };
  }

  private doubtOf(group: Group): string | null {
    if (group.at(BY_PROBE) === 1) return AS_THE_PROBE_CAME;
    return group.at(PROBED) === 0 && group.at(LONGEST) >= this.context.option('long') * 1e9 ? NOTHING_TO_SEND : null;
  }

  private severityOf(group: Group): Severity {
    const byServer = group.at(LONGEST_BY_SERVER) / 1e9;
    if (byServer >= this.context.option('severe')) return 'high';
    if (byServer >= this.context.option('long')) return 'medium';
    return group.at(LONGEST) / 1e9 >= this.context.option('brief') ? 'low' : 'info';
  }
}
