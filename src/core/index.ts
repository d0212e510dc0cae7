/** The public API of synoptic's core, which runs on any platform: give an `Engine` the bytes of captures, get a `Report`. */
export { Engine } from './engine.ts';
export type { EngineListeners, Hosts, TimelineChange } from './listeners.ts';
export type { EngineCounters } from './report/accounts.ts';
export { ENGINE_OPTIONS } from './options.ts';
export type { AuditOptions, EngineOption } from './options.ts';
export { VERSION } from './version.ts';

export { CaptureClock } from './capture/clock.ts';
export type { Instant } from './capture/clock.ts';
export { UnrecognisedCapture } from './capture/errors.ts';
export type { ReaderFactory } from './capture/inputs.ts';
export { CaptureReader } from './capture/reader.ts';
export type { CaptureReaderOptions, RecordReader } from './capture/reader.ts';
export { PcapngWriter } from './capture/pcapng-writer.ts';
export type { BytesSink, FrameBytes } from './capture/pcapng-writer.ts';
export { PacketCounter, Record } from './capture/record.ts';
export type { RecordSink } from './capture/record.ts';
export type { CaptureCounters, CaptureFile, Damage } from './capture/summary.ts';

export { namesOf, STATE_NAMES } from './tcp/state.ts';
export type { StateName, StateSet } from './tcp/state.ts';
export { EVENTS, FIGURE, OBSERVER, REPEATS, step } from './tcp/states.ts';

export { Kind, Observation, otherSide, RESET_CONTEXT, RESET_FORMS, RETRANSMISSION } from './observations.ts';
export type { CaptureView, ConnectionView, Side } from './observations.ts';
export { RULES } from './rules/index.ts';
export { rulesNamed } from './rules/names.ts';
export { ConversationError, nearest, OptionError, RuleError } from './rules/errors.ts';
export { checkRules } from './rules/extra-rules.ts';
export type { Draft, Example, Explanation, Rule, RuleContext, RuleOption, RunningRule } from './rules/rule.ts';
export { auditConversation, checkExamples } from './examples/check-examples.ts';
export type { ExampleResult } from './examples/check-examples.ts';
export { conversationCapture } from './examples/conversation-capture.ts';
export { Anonymiser } from './anonymise/anonymiser.ts';
export type { FrameSink } from './anonymise/anonymiser.ts';
export { KEY_LENGTH } from './anonymise/cipher.ts';
export type { BlockCipher, CipherOf } from './anonymise/cipher.ts';
export { parseAddress, parseEndpoint } from './wire/address.ts';
export { endpointParts } from './endpoint-parts.ts';

export { CONFIDENCES, isAtLeast, OUTCOMES, SEVERITIES } from './report/report.ts';
export type * from './report/report.ts';
export type * from './report/ladder.ts';
export { firstFlowOf } from './report/ladder-findings.ts';
export { countsOf } from './report/servers.ts';
export { LadderRecorder } from './report/ladder-recorder.ts';
export * from './formats/index.ts';
export { escapeControls } from './formats/escape.ts';
export { prettyJson } from './formats/json-writer.ts';
export { findingLines } from './formats/finding-text.ts';
export { fitColumns, GAP, TableWriter, wrap } from './formats/layout.ts';
export type { Column } from './formats/layout.ts';
export { PHASE_OF_STATE } from './formats/phase.ts';
export type { Phase } from './formats/phase.ts';
export { bitRate, bytes, count, duration, isoTime, percent, plural } from './quantity.ts';
export { captureName, countsText, isProblem, ofUnpacked, subjectName } from './formats/words.ts';
export { PLAIN } from './formats/format.ts';
export type * from './formats/format.ts';
