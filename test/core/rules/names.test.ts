import { expect } from 'chai';
import { RULES } from '../../../src/core/rules/index.ts';
import { rulesNamed } from '../../../src/core/rules/names.ts';

function idsOf(name: string): string[] {
  return rulesNamed(name, RULES).rules.map(({ id }) => id);
}

describe('names of rules', () => {
  // What each peer calls it: fields of Wireshark's, weirds and states of Zeek's, stream events of Suricata's, words of tcptrace's and Snort's.
  const PEERS: readonly [name: string, ids: readonly string[]][] = [
    ['SYN_inside_connection', ['syn-on-established']],
    ['SYN_seq_jump', ['syn-on-established']],
    ['bad_SYN_ack', ['bad-synack-ack']],
    ['unsolicited_SYN_response', ['backscatter']],
    ['premature_connection_reuse', ['port-reuse']],
    ['active_connection_reuse', ['port-reuse', 'syn-on-established']],
    ['data_after_reset', ['rst-injected']],
    ['FIN_storm', ['ack-flood']],
    ['TCP_christmas', ['invalid-flags']],
    ['baroque_SYN', ['invalid-flags']],
    ['content_gap', ['capture-loss']],
    ['possible_split_routing', ['asymmetric-capture']],
    ['RSTOS0', ['handshake-aborted']],
    ['OTH', ['midstream']],
    ['S0', ['connect-filtered']],
    ['tcp.analysis.reused_ports', ['port-reuse']],
    ['tcp.analysis.lost_segment', ['capture-loss']],
    ['tcp.analysis.duplicate_ack', ['out-of-order']],
    ['tcp.analysis.zero_window_probe_ack', ['zero-window']],
    ['tcp.analysis.spurious_retransmission', ['retransmission']],
    ['stream.est_syn_resend_diff_seq', ['syn-on-established']],
    ['stream.est_packet_out_of_window', ['out-of-window']],
    ['stream.3whs_synack_with_wrong_ack', ['bad-synack-ack']],
    ['stream.pkt_invalid_timestamp', ['paws']],
    ['stream.suspected_rst_inject', ['rst-injected']],
    ['DATA_ON_SYN', ['syn-with-data']],
    ['NO_3WHS', ['midstream']],
    ['hardware duplicate', ['duplicate']],
    ['rexmt', ['retransmission']],
    ['LAND', ['self-connect']],
    ['NAPTHA', ['zero-window']],
    ['MUST_ACK', ['invalid-flags']],
    ['data_before_established', ['syn-with-data']],
  ];

  for (const [name, ids] of PEERS) {
    it(`${name} is ${ids.join(' and ')}`, () => expect(idsOf(name)).to.deep.equal(ids));
  }

  it('are found in any spelling', () => {
    for (const name of ['syn inside connection', 'SYN-INSIDE-CONNECTION', 'Syn_Inside_Connection']) expect(idsOf(name)).to.deep.equal(['syn-on-established']);
  });

  it('an id stands for its rule alone, though others have it as a part of their names', () => {
    expect(rulesNamed('half-open', RULES)).to.deep.equal({ rules: RULES.filter(({ id }) => id === 'half-open'), isPart: false });
  });

  it('a part of a name stands for all that have it', () => {
    const { rules, isPart } = rulesNamed('scan', RULES);
    expect(rules.map(({ id }) => id)).to.include.members(['syn-scan-vertical', 'syn-scan-horizontal', 'stealth-scan']);
    expect(isPart).to.equal(true);
  });

  it('nothing stands for no rule', () => {
    expect(idsOf('no-such-thing')).to.deep.equal([]);
  });
});
