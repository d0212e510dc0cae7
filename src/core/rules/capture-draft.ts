import type { CaptureView } from '../views.ts';
import type { Draft } from './rule.ts';

/** What a rule says of the capture as a whole: a remark, since nothing is wrong with the traffic. */
export function captureDraft(capture: CaptureView, saying: Pick<Draft, 'count' | 'facts'> & Partial<Draft>): Draft {
  const whole = { first: capture.firstTime(), last: capture.lastTime(), flows: [], packets: [], doubts: [] };
  return { severity: 'info', confidence: 'high', subject: { kind: 'capture' }, ...whole, ...saying };
}
