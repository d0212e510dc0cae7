import type { Fact, Subject } from '../report/report.ts';
import type { Explanation } from './rule.ts';
import { countOf, duration, filterOf, flagsByte, nameOf, numberOf, partsOf, percent, plural, sourceMatch, textOf } from './words.ts';

/** What a SYN flood means and what to run next, by the facts of `syn-flood.ts`. */
export function explain(facts: { readonly [name: string]: Fact }, subject: Subject): Explanation {
  if (facts['unfinished_proved'] !== true) return explainFiltered(facts, subject);
  const name = nameOf(subject);
  const { host, port } = partsOf(name);
  const completed = percent(numberOf(facts, 'completed_share'));
  const kind = textOf(facts, 'source_kind');
  const baseline = facts['baseline_completed_share'];
  return {
    explanation:
      `${name} got ${plural(numberOf(facts, 'attempts'), 'connection attempt')} within ${duration(numberOf(facts, 'flood_seconds'))} ` +
      `(up to ${countOf(facts, 'peak_per_second')} a second), of which ${completed} were completed` +
      `${typeof baseline === 'number' ? `; usually it is ${percent(baseline)}` : ''}. ${sourceWords(kind, facts)} ` +
      (numberOf(facts, 'half_open_at_most') === 0
        ? 'All were reset or refused at once, so none of them held a place in the backlog for long; what they cost is work.'
        : `Each attempt that is not completed holds a place in the listener's backlog (at most ${countOf(facts, 'half_open_at_most')} here) ` +
          'until its SYN-ACK retries end; when it is full, real clients get no answer.') +
      (facts['syn_cookies_likely'] === true ? ' The server seems to use SYN cookies: it did not repeat its SYN-ACKs, and can go on serving.' : ''),
    advice: [
      `ss -tan state syn-recv '( sport = :${port} )' | wc -l`,
      "nstat -az TcpExtListenDrops TcpExtSyncookiesSent TcpExtTCPReqQFullDoCookies",
      'sysctl net.ipv4.tcp_syncookies net.ipv4.tcp_max_syn_backlog net.core.somaxconn',
      kind === 'one source'
        ? `nft add rule inet filter input ${sourceMatch(textOf(facts, 'main_source'))} tcp dport ${port} drop`
        : `tcpdump -nr CAPTURE '${flagsByte(host)} & 0x12 = 0x02 and dst host ${host} and dst port ${port}'`,
      `tcpdump -nr CAPTURE ${filterOf(name)}`,
    ],
  };
}

/** Of a capture that cannot show how attempts end. */
function explainFiltered(facts: { readonly [name: string]: Fact }, subject: Subject): Explanation {
  const name = nameOf(subject);
  return {
    title: 'Many connection attempts whose end was not captured',
    explanation:
      `${name} got ${plural(numberOf(facts, 'attempts'), 'connection attempt')} within ${duration(numberOf(facts, 'flood_seconds'))} (up to ${countOf(facts, 'peak_per_second')} a second). ` +
      'The capture holds no segment without SYN, FIN or RST, so it cannot show that any was completed: clients that were all served look like a flood in it. ' +
      sourceWords(textOf(facts, 'source_kind'), facts),
    advice: [
      `tcpdump -ni any -s 128 -w FILE ${filterOf(name)}   # all segments: then completed handshakes can be told from a flood`,
      `ss -tan state syn-recv '( sport = :${partsOf(name).port} )' | wc -l   # on the server, meanwhile`,
    ],
  };
}

function sourceWords(kind: string, facts: { readonly [name: string]: Fact }): string {
  const sources = facts['sources'] === null ? 'very many' : `about ${countOf(facts, 'sources')}`;
  if (kind === 'spoofed') {
    return `They claim ${sources} sources, nearly all with TTL ${numberOf(facts, 'main_ttl')}, and do not behave like real clients: the addresses are forged.`;
  }
  if (kind === 'one source') return `More than half came from ${textOf(facts, 'main_source')}.`;
  return `They came from ${sources} sources.`;
}
