import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';

function sentence(rule: string, conversation: string): { title: string; explanation: string } {
  const [{ title, explanation }] = auditConversation(conversation).findings.filter((finding) => finding.rule === rule);
  return { title, explanation };
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
});
