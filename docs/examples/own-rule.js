// A rule of one's own: servers that answer a SYN late. To use it:
//     synoptic audit --rules-from own-rule.js --set slow-handshake.limit=0.1 capture.pcap
//     synoptic rules --rules-from own-rule.js --check slow-handshake
// A module exports a rule, a list of rules, or (as here) a function that is given the library, so that nothing need be installed.
// With synoptic installed beside it, `import { Kind } from 'synoptic'` and `export default { … }` do as well.

/**
 * @param {typeof import('synoptic')} library
 * @returns {import('synoptic').Rule}
 */
export default ({ Kind, duration }) => ({
  id: 'slow-handshake',
  title: 'Slow to answer a SYN',
  summary: 'A server whose SYN-ACK comes later than a limit: a long way, or a host too busy to answer.',
  severities: ['low'],
  references: ['RFC 9293 §3.5'],
  aliases: ['connect latency'],
  underFaults: 'Needs both the SYN and the SYN-ACK: where one was not captured, nothing is said.',
  options: {
    limit: { default: 0.25, unit: 'seconds', meaning: 'from a SYN to its SYN-ACK, beyond which it is slow' },
    minimum: { default: 3, unit: 'connections', meaning: 'slow ones at a server, from which on it is reported' },
  },
  watches: [Kind.SYN_ACK],
  examples: {
    flagged: [{ title: 'a third of a second, three times', conversation: 'repeat 3 every 1 { C# > S SYN; +0.35 S > C# SYN ACK; C# > S ACK }' }],
    clean: [
      { title: 'at once', conversation: 'repeat 3 every 1 { C# > S SYN; S > C# SYN ACK; C# > S ACK }' },
      { title: 'once', conversation: 'C > S SYN; +0.35 S > C SYN ACK; C > S ACK' },
    ],
  },

  // Called once for a capture. What it returns is handed each observation of the kinds watched, in order of time, and told of the end.
  start(context) {
    const { connections } = context;
    /** @type {Map<number, { first: number, last: number, longest: number, flows: number[], packets: number[] }>} */
    const slow = new Map();
    return {
      // One object, refilled for the next observation: take its values, never keep it. Times are nanoseconds.
      observe({ flow, side, packet, time, b: sinceSyn }) {
        if (sinceSyn < context.option('limit') * 1e9) return;
        const server = connections.endpointIndex(flow, side);
        const seen = slow.get(server) ?? { first: time, last: time, longest: 0, flows: [], packets: [] };
        slow.set(server, seen);
        seen.last = time;
        seen.longest = Math.max(seen.longest, sinceSyn);
        seen.flows.push(connections.flowNumber(flow));
        seen.packets.push(packet);
      },
      finish() {
        for (const [server, { first, last, longest, flows, packets }] of slow) {
          if (flows.length < context.option('minimum')) continue;
          context.report({
            severity: 'low',
            confidence: 'high',
            subject: { kind: 'endpoint', endpoint: connections.nameOfEndpoint(server) },
            first,
            last,
            count: flows.length,
            flows,
            packets,
            facts: { server: connections.nameOfEndpoint(server), longest_seconds: longest / 1e9 },
            doubts: [],
          });
        }
      },
    };
  },

  explain({ server, longest_seconds: longest }) {
    return {
      explanation: `${server} took up to ${duration(Number(longest))} to answer a SYN. Its answers come from the kernel, so that the way there is long, or the host has no time.`,
      advice: [`synoptic flows --format json CAPTURE   # handshake.synack_seconds of each connection`, 'ping the host: does the way alone take as long?'],
    };
  },
});
