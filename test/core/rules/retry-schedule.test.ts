import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Fact } from '../../../src/core/report/report.ts';

/** A SYN, and the same again after each of the gaps in seconds. */
function schedules(...gaps: readonly number[]): Fact {
  const { findings } = auditConversation(`C > S SYN; ${gaps.map((gap) => `+${gap} C > S SYN again`).join('; ')}`);
  return findings.find(({ rule }) => rule === 'connect-filtered')?.facts['retry_schedules'] ?? null;
}

describe('the schedule of SYNs sent again', () => {
  it('doubles from one second', () => {
    expect(schedules(1.02, 2.05, 4.1)).to.deep.equal({ doubling_from_1_s: 1 });
  });

  it('doubles from three seconds', () => {
    expect(schedules(3, 6, 12)).to.deep.equal({ doubling_from_3_s: 1 });
  });

  it('is every second at first, as a Linux of today was seen to do', () => {
    // Gaps between retries at 1.0, 2.0, 3.1, 4.1, 5.1, 7.1 and 11.2 s, measured on Linux 6.18.
    expect(schedules(1, 1, 1.1, 1, 1, 2, 4.1)).to.deep.equal({ every_second_first: 1 });
  });

  it('is every second at first, as the BSDs have it: 1, 1, 1, 1, 1, 2, 4 times the first timeout', () => {
    expect(schedules(1, 1, 1, 1, 1, 2, 4, 8)).to.deep.equal({ every_second_first: 1 });
  });

  it('is said in words, with the stacks that have it', () => {
    const { findings } = auditConversation('C > S SYN; +3 C > S SYN again; +6 C > S SYN again');
    expect(findings[0]?.explanation).to.include('Repeats came 3, 6, 12 … s apart (Windows with its former timeout');
    const once = auditConversation('C > S SYN; +1 C > S SYN again').findings[0];
    expect(once?.explanation).not.to.include('Repeats came');
  });

  it('is not told by one retry, nor where none fits', () => {
    expect(schedules(1)).to.deep.equal({});
    expect(schedules(0.4, 0.4, 0.4)).to.deep.equal({});
    expect(schedules(1, 2, 2)).to.deep.equal({});
  });
});

/** A SYN-ACK that nobody answers, and the same again after each of the gaps in seconds. */
function synAckSchedules(...gaps: readonly number[]): Fact {
  const { findings } = auditConversation(`C > S SYN; S > C SYN ACK; ${gaps.map((gap) => `+${gap} S > C SYN ACK again`).join('; ')}`);
  return findings.find(({ rule }) => rule === 'synack-retransmit')?.facts['retry_schedules'] ?? null;
}

describe('the schedule of SYN-ACKs sent again', () => {
  it('doubles from one second, as Linux repeats them (tcp_synack_retries)', () => {
    expect(synAckSchedules(1.01, 2.02, 4.06, 8.1)).to.deep.equal({ doubling_from_1_s: 1 });
  });

  it('doubles from three seconds', () => {
    expect(synAckSchedules(3, 6)).to.deep.equal({ doubling_from_3_s: 1 });
  });

  it('is not told by one repeat, nor where the SYN that came again drew some of them', () => {
    expect(synAckSchedules(1)).to.deep.equal({});
    expect(synAckSchedules(1, 0.3, 1.7)).to.deep.equal({});
  });

  it('is of each connection alone, also where a slot is used again', () => {
    const round = (client: string): string => `${client} > S SYN; S > ${client} SYN ACK; +1 S > ${client} SYN ACK again; +2 S > ${client} SYN ACK again; ${client} > S RST`;
    const { findings } = auditConversation(`${round('C')}; +300 ${round('D')}`);
    expect(findings.find(({ rule }) => rule === 'synack-retransmit')?.facts['retry_schedules']).to.deep.equal({ doubling_from_1_s: 2 });
  });
});
