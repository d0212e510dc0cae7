import type { Fact } from '../report/report.ts';
import type { Explanation } from './rule.ts';
import { count, filterOf, numberOf, partsOf, plural, textOf } from './words.ts';

type Facts = { readonly [name: string]: Fact };

/** What a full listen queue means and what to run next, by the facts of `accept-queue-overflow.ts`. */
export function explain(facts: Facts): Explanation {
  const server = textOf(facts, 'server');
  const { port } = partsOf(server);
  if (facts['queue_unseen'] === true) return explainUnseen(facts);
  return {
    ...(facts['backlog_connections_at_most'] === 0 && { title: 'Handshakes go on in vain: a link that loses packets, or a listener without a queue' }),
    explanation:
      `${server} served some clients while it dropped others: ${signsOf(facts)}. ` +
      'That is how a full listen queue looks from outside: the program accepts too slowly (or not at all), or its backlog is too small. Clients see connects that take seconds.' +
      backlogWords(facts),
    advice: [
      `ss -tlnp '( sport = :${port} )'   # Recv-Q above Send-Q: the queue is full`,
      'nstat -az TcpExtListenOverflows TcpExtListenDrops TcpExtTCPReqQFullDrop',
      'sysctl net.core.somaxconn net.ipv4.tcp_max_syn_backlog net.ipv4.tcp_abort_on_overflow',
      `tcpdump -nr CAPTURE ${filterOf(server, ' and tcp[tcpflags] & tcp-syn != 0')}`,
    ],
  };
}

/** SYNs that nobody answered, while nothing showed that the queue was full. */
function explainUnseen(facts: Facts): Explanation {
  const server = textOf(facts, 'server');
  const { host, port } = partsOf(server);
  const isThere = numberOf(facts, 'dropped_while_others_were_answered') > 0;
  return {
    title: isThere ? 'A listener answers some clients and others not' : 'A listener did not answer for a while',
    explanation: isThere
      ? `${server} answered some clients while ${signsOf(facts)}, and no connection was seen that could have filled its queue. A filter that drops some clients, or a way that loses packets, is likelier than a full queue.`
      : `${server} served clients before or afterwards, but ${signsOf(facts)}, and nothing of it was captured meanwhile: it was down, restarted or cut off. A queue that was full before the capture began would look the same.`,
    advice: [
      `tcpdump -ni any ${filterOf(server)}   # on the server: do these SYNs arrive?`,
      `journalctl --list-boots; last -x | head   # on ${host}: was it down?`,
      `ss -tlnp '( sport = :${port} )'   # Recv-Q above Send-Q: the queue is full`,
      'nstat -az TcpExtListenOverflows TcpExtListenDrops TcpExtTCPReqQFullDrop',
    ],
  };
}

/** What the dropped connections show, those shapes only that occurred. */
function signsOf(facts: Facts): string {
  const signs: readonly [string, string][] = [
    ['syns_unanswered', 'repeated SYNs got no answer'],
    ['synack_repeated_after_ack', 'the SYN-ACK came again although the client had answered it'],
    ['data_never_served', 'the first data was never acknowledged'],
  ];
  return signs
    .filter(([name]) => numberOf(facts, name) > 0)
    .map(([name, words]) => `on ${plural(numberOf(facts, name), 'connection')} ${words}`)
    .join(', ');
}

/** What the drops say of the backlog, in words. */
function backlogWords(facts: Facts): string {
  const { backlog_connections_at_most: most, backlog_connections_if_none_accepted: waiting } = facts;
  if (typeof most !== 'number') return '';
  const bound = ` Its backlog is at most ${plural(most, 'connection')}: at a drop no more than ${count(most + 1)} that it had not answered can have filled the queue, and Linux queues one more than the backlog.`;
  if (typeof waiting !== 'number') return bound;
  return `${bound} It is at least ${count(waiting)} if the program had accepted none of the ${count(waiting + 1)} that came after its latest answer; workers that are all busy or stuck with accepted ones make it less.`;
}
