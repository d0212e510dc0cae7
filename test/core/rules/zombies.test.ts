import { expect } from 'chai';
import fc from 'fast-check';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';
import { Spans } from '../../../src/core/rules/spans.ts';

const OPEN = 'C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 100; S > C:# PSH ACK 100; C:# > S ACK';

function find(rule: string, conversation: string): Finding {
  const [finding, ...others] = auditConversation(conversation).findings.filter((each) => each.rule === rule);
  expect(others).to.deep.equal([]);
  return finding;
}

describe('zombies', () => {
  it('that their peer has forgotten are counted as they stood at once, from their last sign of life to the RST', () => {
    // Four begin 10 s apart and are tried after 25 s: three at a time.
    const { facts, explanation } = find('half-open', `repeat 4 every 10 { ${OPEN}; +25 C:# > S PSH ACK 100; S > C:# RST }`);
    expect([facts['half_open'], facts['most_held_at_once'], facts['longest_unnoticed_seconds']]).to.deep.equal([4, 3, 25.001]);
    expect(explanation).to.include('did not notice for up to 25 s and held up to 3 such zombies at once');
  });

  it('a RST long after an idle time has not been unnoticed since then', () => {
    const active = '+0.8 C:# > S PSH ACK 10; S > C:# ACK; '.repeat(2);
    const { facts } = find('half-open', `repeat 1 { ${OPEN}; +60 C:# > S PSH ACK 100; S > C:# ACK; ${active} +0.5 C:# > S PSH ACK 10; S > C:# RST }`);
    expect([facts['most_held_at_once'], facts['longest_unnoticed_seconds']]).to.deep.equal([1, 0]);
  });

  it('whose peer has vanished are held from its last segment to the last try', () => {
    const tries = [1, 2, 4].map((gap) => `+${gap} S > C:# PSH ACK 50 again`).join('; ');
    // Each is a zombie for 5 + 7 s, and they begin 4.5 s apart: three at a time.
    const { facts, explanation } = find('peer-vanished', `repeat 6 every 4.5 { ${OPEN}; +5 S > C:# PSH ACK 50; ${tries} }`);
    expect([facts['vanished'], facts['vanished_side'], facts['most_held_at_once']]).to.deep.equal([6, 'client', 3]);
    expect(explanation).to.include('up to 3 such zombies at once');
  });

  it('at once are as many as a count at each beginning finds', () => {
    const span = fc.tuple(fc.nat(50), fc.nat(20)).map(([from, length]): [number, number] => [from, from + length]);
    fc.assert(
      fc.property(fc.array(span, { maxLength: 30 }), (spans) => {
        const zombies = new Spans();
        for (const [from, to] of spans) zombies.note(7, from, to);
        const most = Math.max(0, ...spans.map(([at]) => spans.filter(([from, to]) => from <= at && at <= to).length));
        expect(zombies.mostAtOnce(7)).to.equal(most);
        expect(zombies.longest(7)).to.equal(Math.max(0, ...spans.map(([from, to]) => to - from)));
        expect(zombies.mostAtOnce(8)).to.equal(0);
      }),
    );
  });
});
