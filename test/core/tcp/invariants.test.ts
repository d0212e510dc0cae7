import { expect } from 'chai';
import { Columns } from '../../../src/core/flow/columns.ts';
import { endOf } from '../../../src/core/flow/end.ts';
import { conversation } from '../../../src/core/rules/conversation.ts';
import { RULES } from '../../../src/core/rules/index.ts';
import { TcpContext } from '../../../src/core/tcp/context.ts';
import { receiveIcmpError } from '../../../src/core/tcp/icmp.ts';
import { namesOf, STATE_NAMES } from '../../../src/core/tcp/state.ts';
import { Tracker } from '../../../src/core/tcp/tracker.ts';
import { Decoder } from '../../../src/core/wire/decode.ts';
import { Decoded, Segment } from '../../../src/core/wire/segment.ts';
import { frameOf } from '../../support/conversation-frames.ts';
import { record } from '../../support/packets.ts';

const MOST_SEGMENTS = 300;

/** Ends whose estimate is not among what is possible of them. */
function contradictions({ state, possible }: Columns, flow: number): string[] {
  return [endOf(flow, 0), endOf(flow, 1)].filter((end) => ((possible[end] >> state[end]) & 1) === 0).map((end) => `${STATE_NAMES[state[end]]} of ${namesOf(possible[end]).join('|')}`);
}

describe('tcp: what is said of an end', () => {
  for (const { id, examples } of RULES) {
    [...examples.flagged, ...examples.clean].forEach(({ title, conversation: text }) => {
      const segments = conversation(text);
      if (segments.length > MOST_SEGMENTS) return;
      it(`is always one of its possible states: ${id}, ${title}`, () => {
        const context = new TcpContext(
          () => {},
          ({ state, possible, packet }) => expect((possible >> state) & 1, `packet ${packet}: ${STATE_NAMES[state]}`).to.equal(1),
        );
        const tracker = new Tracker(context, (flow) => context.table.release(flow));
        const decoder = new Decoder();
        const segment = new Segment();
        segments.forEach((sent, index) => {
          const decoded = decoder.decode(record(frameOf(sent), { time: sent.time, number: index + 1 }), segment);
          if (decoded === Decoded.ICMP_ERROR) receiveIcmpError(context, segment);
          else expect(contradictions(context.columns, tracker.segment(segment, context.table.find(segment))), `packet ${index + 1}`).to.deep.equal([]);
        });
        context.table.forEach((flow) => {
          tracker.close(flow, segments.at(-1)!.time);
          expect(contradictions(context.columns, flow), 'at the end').to.deep.equal([]);
        });
      });
    });
  }
});
