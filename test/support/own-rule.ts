import { Kind } from '../../src/core/observations.ts';
import type { Draft, Rule } from '../../src/core/rules/rule.ts';

/** A rule of a caller's own: reports each SYN, once a capture. `fields` replace its own. */
export function ownRule(fields: Partial<Rule> = {}, draft: Partial<Draft> = {}): Rule {
  return {
    id: 'any-syn',
    title: 'A SYN',
    summary: 'Any SYN.',
    severities: ['low', 'info'],
    references: [],
    aliases: [],
    underFaults: 'Nothing changes.',
    options: { minimum: { default: 1, unit: 'SYNs', meaning: 'from which on it is reported' } },
    watches: [Kind.SYN],
    examples: {
      flagged: [{ title: 'a SYN', conversation: 'C > S SYN' }],
      clean: [{ title: 'none', conversation: 'C > S ACK' }],
    },
    start(context) {
      const packets: number[] = [];
      return {
        observe: ({ packet }) => packets.push(packet),
        finish() {
          if (packets.length < Math.max(1, context.option('minimum'))) return;
          context.report({
            severity: 'low', confidence: 'high', subject: { kind: 'capture' }, first: 0, last: 1e9, count: packets.length, flows: [], packets, facts: { syns: packets.length }, doubts: [],
            ...draft,
          });
        },
      };
    },
    explain: ({ syns }) => ({ explanation: `The capture holds ${Number(syns)} SYNs: each begins a connection, which is what they are for.`, advice: ['Look.'] }),
    ...fields,
  };
}
