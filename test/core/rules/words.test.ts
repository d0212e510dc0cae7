import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';

function finding(rule: string, conversation: string): Finding {
  return auditConversation(conversation).findings.filter((each) => each.rule === rule)[0];
}

function sentence(rule: string, conversation: string): { title: string; explanation: string } {
  const { title, explanation } = finding(rule, conversation);
  return { title, explanation };
}

function commands(rule: string, conversation: string): string[] {
  return finding(rule, conversation).advice;
}

describe('the sentences of findings', () => {
  it('write numbers as the facts beside them do, and fit their verbs to them', () => {
    const gap = (times: number): string => `C > S SYN; S > C SYN ACK; C > S ACK; repeat ${times} { ~ C > S PSH ACK 1200; S > C ACK; C > S PSH ACK 10; S > C ACK }`;
    expect(sentence('capture-loss', gap(1)).explanation).to.match(/^1 acknowledgment covers 1,200 bytes that /);
    expect(sentence('capture-loss', gap(2)).explanation).to.match(/^2 acknowledgments cover 2,400 bytes that /);
    const flood = 'repeat 1500 every 0.0005 { C# > S SYN; S > C# SYN ACK; +1 S > C# SYN ACK again }';
    expect(sentence('syn-flood', flood).explanation).to.match(/ got 1,500 connection attempts within .*\(up to 1,500 a second\)/);
  });

  it('of a half-close say what there was: data, or the time until the other FIN, or both', () => {
    const open = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK; C > S FIN ACK; S > C ACK';
    const data = sentence('half-close', `${open}; S > C PSH ACK 1000; C > S ACK`);
    expect(data.title).to.equal('Half-closed connections in use');
    expect(data.explanation).to.match(/^On connections of 198\.51\.100\.1:443, 1,000 bytes were sent to an end that had already sent its FIN/);
    expect(data.explanation).not.to.include('answering FIN');
    const late = sentence('half-close', `${open}; +3 S > C FIN ACK; C > S ACK`);
    expect(late.title).to.equal('Connections half-closed for long');
    expect(late.explanation).to.equal(
      'On connections of 198.51.100.1:443, ends whose peer had closed were slow to close as well, and sent nothing meanwhile. ' +
        'From the acknowledgment of a FIN to the answering FIN it took 3 s.',
    );
    const both = sentence('half-close', `${open}; +3 S > C PSH ACK 1; C > S ACK; S > C FIN ACK; C > S ACK`);
    expect(both.explanation).to.include('1 byte was sent to an end').and.to.include('answering FIN it took 3 s.');
  });

  it('of a half-close count the connections that were half-closed, and neither the others nor what a RST ended', () => {
    const closed = (name: string, wait: string): string => `${name} > S SYN; S > ${name} SYN ACK; ${name} > S ACK; ${name} > S PSH ACK 10; ${name} > S FIN ACK; S > ${name} ACK\n${wait}S > ${name} FIN ACK; ${name} > S ACK`;
    const used = closed('D', 'S > D PSH ACK 1000; D > S ACK; ');
    const one = finding('half-close', `repeat 30 every 0.1 { ${closed('C:#', '')} }\n${used}`);
    expect([one.count, one.evidence.flows, one.facts['connections'], one.facts['closes']]).to.deep.equal([1, [31], 1, 31]);
    const slow = finding('half-close', `repeat 30 every 0.1 { ${closed('C:#', '')} }; repeat 4 every 5 { ${closed('D:#', '+3 ')} }`);
    expect([slow.count, slow.evidence.flows, slow.facts['closes']]).to.deep.equal([4, [31, 32, 33, 34], 34]);
    const reset = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK; C > S FIN ACK; S > C ACK\n';
    const rules = (text: string): string[] => auditConversation(text).findings.map(({ rule }) => rule);
    expect(rules(`${reset}+5 C > S RST`)).to.not.include('half-close');
    expect(rules(`${reset}+5 S > C RST ACK`)).to.not.include('half-close');
  });

  it('say nothing of what did not happen, and no more than is known', () => {
    const closed = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK';
    expect(sentence('blind-rst', `${closed}\n+2 S > C RST`).explanation).to.match(/^1 RST came for connections of 198\.51\.100\.1:443 .*\(RFC 1337\)\.$/);
    expect(sentence('synack-retransmit', 'C > S SYN; S > C SYN ACK; +1 S > C SYN ACK again; +2 S > C SYN ACK again').explanation).to.include('nobody is there to answer');
    // Linux sends that RST with the last of tcp_keepalive_probes.
    const probed = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK\n+10 C > S ACK seq=-1\n+1 C > S ACK seq=-1\n+1 C > S ACK seq=-1\n+1 C > S RST ACK';
    expect(sentence('rst-abort', probed).explanation).to.include('its peer answered no keep-alive');
    const abort = 'repeat 300 every 0.005 { C:# > S SYN; S > C:# SYN ACK; C:# > S RST }';
    expect(sentence('syn-flood', abort).explanation).to.include('none of them held a place in the backlog for long').and.not.include('at most 0');
    const refused = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 1000; C > S FIN ACK; S > C ACK ack=-1001';
    const again = '\n+1 C > S FIN ACK again; S > C ACK ack=-1001'.repeat(3);
    expect(sentence('fin-wait-1-stuck', refused + again).explanation).to.include('The peer is still there, and does not take the FIN').and.not.include('gone');
    const waited = (seconds: number): string => `C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK; C > S FIN ACK; S > C ACK\n+${seconds} S > C FIN ACK; C > S RST`;
    expect(sentence('fin-wait-2-stuck', waited(2)).explanation).to.include('gave up before the 60 s of Linux').and.not.include('the fault lies');
    expect(sentence('fin-wait-2-stuck', waited(75)).explanation).to.include('the fault lies with the other program');
    const unaccepted = 'repeat 40 every 2 { C# > S SYN; S > C# SYN ACK; C# > S ACK; C# > S PSH ACK 120; S > C# ACK; C# > S FIN ACK; S > C# ACK }';
    expect(sentence('close-wait-leak', unaccepted).explanation).to.include('Each that was accepted holds a descriptor');
  });

  it('name the end, or say that it was either', () => {
    const stuck = (name: string, sender: string, receiver: string): string =>
      `repeat 3 { ${name}:# > S SYN; S > ${name}:# SYN ACK; ${name}:# > S ACK; ${sender} > ${receiver} FIN ACK${`\n+1 ${sender} > ${receiver} FIN ACK again`.repeat(3)}\n }`;
    const ofClients = stuck('C', 'C:#', 'S');
    const ofBoth = `${ofClients}; ${stuck('D', 'S', 'D:#')}`;
    expect(sentence('fin-wait-1-stuck', ofClients).explanation).to.match(/could not be closed: the client sent its FIN again 9 times/);
    expect(sentence('fin-wait-1-stuck', ofBoth).explanation).to.match(/could not be closed: either end sent its FIN again 18 times/);
    expect(sentence('peer-vanished', ofBoth).explanation).to.include('Either end fell silent');
  });
});

describe('the commands of findings', () => {
  it('look for the end that fell silent, from the other', () => {
    const silent = (from: string, to: string): string =>
      `C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 9; S > C PSH ACK 9; C > S ACK; ${from} > ${to} PSH ACK 50; repeat 4 { +1 ${from} > ${to} PSH ACK 50 again }`;
    expect(commands('peer-vanished', silent('C', 'S'))[0]).to.match(/^ping -c 3 198\.51\.100\.1; traceroute -T -p 443 198\.51\.100\.1 /);
    expect(commands('peer-vanished', silent('S', 'C'))[0]).to.match(/^ping -c 3 192\.0\.2\.10; traceroute 192\.0\.2\.10 /);
  });

  it('send a ping as large as the packets that do not arrive, the way that those went', () => {
    const open = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100';
    const stuck = (size: number): string => `S > C ACK ${size}; S > C PSH ACK 300; C > S ACK ack=-${size + 300}; repeat 4 { +1 S > C ACK ${size} seq=5001 }`;
    // 1,448 bytes, 32 of TCP's header with timestamps and 20 of IP's are 1,500; an echo request has 28 of its own.
    expect(commands('pmtu-blackhole', `${open}; ${stuck(1_448)}`)[0]).to.match(/^ping -M do -s 1472 192\.0\.2\.10 .* on the server/);
    // A frame before the network card cut it: no packet is larger than the MSS.
    expect(commands('pmtu-blackhole', `${open}; ${stuck(2_896)}`)[0]).to.match(/^ping -M do -s 1472 192\.0\.2\.10 /);
    const six = 'S = [2001:db8::1]:443\nC = [2001:db8::2]:40000\n';
    // 1,448 + 32 + 40 are 1,520, as if the link took them; an echo request has 48 of its own.
    expect(commands('pmtu-blackhole', `${six}${open}; ${stuck(1_448)}`)[0]).to.match(/^ping -M do -s 1472 2001:db8::2 .*less 48$/);
  });

  it('are such as tcpdump, ss and nft take for IPv6', () => {
    const six = 'S = [2001:db8::1]:443\nC = [2001:db8::2]:40000\n';
    const scan = commands('syn-scan-vertical', `${six}repeat 30 every 0.01 { C > S:# SYN; S:# > C RST ACK seq=0 }`);
    expect(scan[0]).to.equal("tcpdump -nr CAPTURE 'src host 2001:db8::2 and dst host 2001:db8::1 and ip6[53] & 0x12 = 0x02'");
    expect(scan[1]).to.include('nft add rule inet filter input ip6 saddr 2001:db8::2 drop');
    const flood = commands('syn-flood', `${six}repeat 300 every 0.005 { C:# > S SYN; S > C:# SYN ACK; C:# > S RST }`);
    expect(flood[3]).to.equal('nft add rule inet filter input ip6 saddr 2001:db8::2 tcp dport 443 drop');
    const stress = commands(
      'zero-window',
      `${six}repeat 25 every 0.1 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 100; S > C:# PSH ACK 1000; C:# > S ACK win=0; +20 S > C:# ACK seq=-1; C:# > S ACK win=0 }`,
    );
    expect(stress[0]).to.include('dst [2001:db8::2] ');
    expect(stress[1]).to.include('ip6 saddr 2001:db8::2 ');
    const crossing = 'C > S SYN; S > C SYN; C > S SYN ACK seq=1000; S > C SYN ACK seq=5000; C > S ACK';
    expect(commands('simultaneous-open', `${six}${crossing}`)).to.deep.equal(["tcpdump -nr CAPTURE 'ip6[53] & 0x12 = 0x02'"]);
    expect(commands('simultaneous-open', crossing)).to.deep.equal(["tcpdump -nr CAPTURE 'tcp[13] & 0x12 = 0x02'"]);
  });

  it('count the sockets of the end that holds them, by its port', () => {
    const closes = (one: string, other: string): string =>
      `repeat 260 every 0.02 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 10; S > C:# ACK; ${one} > ${other} FIN ACK; ${other} > ${one} FIN ACK; ${one} > ${other} ACK }`;
    expect(commands('time-wait-buildup', closes('C:#', 'S'))[0]).to.match(/'dport = :443' \| wc -l$/);
    expect(commands('time-wait-buildup', closes('S', 'C:#'))[0]).to.match(/'sport = :443' \| wc -l$/);
  });

  it('have the port alone where a finding is about many servers', () => {
    const [display] = commands(
      'paws',
      `repeat 4 every 9 { C:# > S# SYN; S# > C:# SYN ACK; C:# > S# ACK
        +3 C:# > S# PSH ACK 9; S# > C:# ACK; C:# > S# PSH ACK 9 ts=-2000; S# > C:# ACK ack=-9 }`,
    );
    expect(display).to.include("-Y 'tcp.port == 443' ");
  });
});
