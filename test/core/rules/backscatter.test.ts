import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';

const TALK = 'C# > S ACK; C# > S PSH ACK 10; S > C# PSH ACK 10; C# > S ACK';

describe('backscatter', () => {
  it('takes refused connections in the slots of others, which a SYN-ACK had shown to be new, for what they are', () => {
    // The second SYN meets a connection that is not closed, and its SYN-ACK begins the flow that ends in order.
    const renewed = `repeat 25 every 0.1 {
      C# > S SYN; S > C# SYN ACK; ${TALK}
      +1 C# > S SYN
      S > C# SYN ACK; ${TALK}; C# > S FIN ACK; S > C# FIN ACK; C# > S ACK
    }`;
    const refused = 'repeat 60 every 0.1 { D# > S SYN; S > D# RST ACK seq=0 }';
    const report = auditConversation(`${renewed}; +400 C > R SYN; R > C SYN ACK; ${refused}`, { rules: ['backscatter'] });
    expect(report.findings).to.deep.equal([]);
  });
});
