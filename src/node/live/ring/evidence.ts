import { join } from 'node:path';
import { type Engine, escapeControls, type Finding, isAtLeast, type Ladder, type Record, type Report, type Severity } from '../../../core/index.ts';
import { evidenceComments } from '../../extract/comments.ts';
import { FrameSet } from '../../extract/frame-set.ts';
import { FlowSelection } from '../../extract/selection.ts';
import { EvidenceFile, type EvidenceOutcome } from './evidence-file.ts';
import { RingError } from './error.ts';
import type { PacketRing } from './packet-ring.ts';
import { ladderOf } from './ring-ladder.ts';

/** Most files that are written at the same time; further findings get none. */
const MOST_OPEN = 4;
/** Most files begun within a minute of capture time. */
const MOST_A_MINUTE = 6;
const MINUTE = 60e9;
/** A finding that fires again gets another file only after this time (nanoseconds). */
const AGAIN = 600e9;
/** How long after its time a file is ended if no packet comes (milliseconds). */
const PATIENCE_MS = 2_000;
/** Most packets of the ring that are looked at in one turn of the event loop, for each file. */
const PACKETS_A_TURN = 2_048;
/** Most findings whose latest file is remembered. */
const MOST_REMEMBERED = 10_000;

export interface EvidenceOptions {
  /** The least severity that is written. */
  severity: Severity;
  /** The folder for the files. */
  folder: string;
  /** Seconds of capture time for which packets are added after the finding. */
  after: number;
  /** Most bytes of one file, and of all files together. */
  fileLimit: number;
  totalLimit: number;
  /** Called with one line about what was written, or why not. */
  tell: (line: string) => void;
}

/** A file being written: it follows the ring, from the oldest packet to those still to come. */
interface Recording {
  file: EvidenceFile;
  selection: FlowSelection;
  comments: ReadonlyMap<number, readonly string[]>;
  /** Position in the ring of the next packet to look at. */
  position: number;
  /** Capture time at which it ends. */
  until: number;
  /** Ends the file if no packet comes. Only the moment at which it gets its name depends on this timer. */
  timer: NodeJS.Timeout;
}

/**
 * Keeps the last packets of a live audit in a ring. When a finding fires, the packets that it rests on go into a pcapng file: earlier ones
 * from the ring, and those of the next seconds. Number and size of files are bounded, so that a flood of findings does not fill the disk.
 */
export class Evidence {
  /** Findings that were severe enough but got no file, because they came too often or too much had been written. */
  suppressed = 0;
  readonly #ring: PacketRing;
  readonly #options: EvidenceOptions;
  readonly #recordings: Recording[] = [];
  readonly #ending = new Set<Promise<void>>();
  /** When each finding was last written, by rule and subject. */
  readonly #written = new Map<string, number>();
  #begun: number[] = [];
  #engine: Engine | null = null;
  #turn: NodeJS.Immediate | null = null;
  #bytes = 0;
  #number = 0;
  #isLimitTold = false;
  /** The ring can no longer be written. */
  #isBroken = false;

  constructor(ring: PacketRing, options: EvidenceOptions) {
    this.#ring = ring;
    this.#options = options;
  }

  /** See `EngineListeners.frame`. */
  frame(record: Record, flow: number, slot: number, engine: Engine): void {
    this.#engine = engine;
    if (!this.#isBroken) this.#keep(record, flow, engine);
    if (this.#recordings.length === 0) return;
    if (flow !== 0) for (const { selection } of this.#recordings) selection.has(flow, slot, engine);
    if (this.#turn === null) this.#turn = setImmediate(this.#follow);
  }

  finding(finding: Finding): void {
    this.#fire(finding);
  }

  /** Provisional findings get files, too: later their packets are gone. */
  provisional(finding: Finding, isGone: boolean): void {
    if (!isGone) this.#fire(finding);
  }

  async end(): Promise<void> {
    if (this.#turn !== null) clearImmediate(this.#turn);
    while (this.#recordings.length > 0) {
      const [recording] = this.#recordings;
      if (this.#advance(recording, Infinity)) this.#finish(recording);
    }
    await Promise.all(this.#ending);
    this.#ring.close();
    if (this.suppressed > 0) this.#options.tell(`${this.suppressed} more findings got no file of their own: they came too often, or the limit was reached`);
  }

  /** The ladder of a flow, from the packets in the ring. */
  ladder(flow: number, report: Pick<Report, 'findings' | 'capture'>): Ladder | null {
    return this.#engine === null ? null : ladderOf(this.#ring, flow, this.#engine.epoch(0), report);
  }

  /** A full disk is no reason to end the audit. */
  #keep(record: Record, flow: number, engine: Engine): void {
    try {
      this.#ring.add(record, flow);
      const { joinedFrames } = engine;
      if (flow !== 0 && joinedFrames.length > 0) for (const number of joinedFrames) this.#ring.label(number, flow);
    } catch (error) {
      if (!(error instanceof RingError)) throw error;
      this.#isBroken = true;
      this.#options.tell(`no more packets are kept: ${error.message}`);
    }
  }

  #fire(finding: Finding): void {
    const engine = this.#isBroken ? null : this.#engine;
    const { severity, folder, after, fileLimit, totalLimit, tell } = this.#options;
    if (engine === null || !isAtLeast(finding.severity, severity)) return;
    const key = `${finding.rule} ${JSON.stringify(finding.subject)}`;
    if (engine.now - (this.#written.get(key) ?? -Infinity) < AGAIN) return;
    this.#begun = this.#begun.filter((time) => engine.now - time < MINUTE);
    const left = totalLimit - this.#bytes - this.#recordings.length * fileLimit;
    if (left < fileLimit && !this.#isLimitTold) {
      this.#isLimitTold = true;
      tell('no more evidence is written: its files have reached --ring-limit');
    }
    if (left < fileLimit || this.#recordings.length >= MOST_OPEN || this.#begun.length >= MOST_A_MINUTE) {
      this.suppressed++;
      return;
    }
    this.#begun.push(engine.now);
    if (this.#written.size >= MOST_REMEMBERED) this.#written.clear();
    this.#written.set(key, engine.now);
    const path = join(folder, nameOf(finding, engine.epoch(engine.now), ++this.#number));
    this.#record(finding, new EvidenceFile(path, fileLimit, commentOf(finding, after)), engine);
  }

  #record(finding: Finding, file: EvidenceFile, engine: Engine): void {
    const selection = new FlowSelection([], [finding]);
    const inRing = new FrameSet();
    for (let position = this.#ring.oldest; position < this.#ring.next; position++) inRing.add(this.#ring.flowAt(position));
    // A flow that is no longer in the table is only known to belong to the finding if the finding lists it.
    engine.forEachFlow((slot) => {
      const flow = engine.flowNumber(slot);
      if (inRing.has(flow)) selection.has(flow, slot, engine);
    });
    const { after } = this.#options;
    const timer = setTimeout(() => {
      if (this.#advance(recording, Infinity)) this.#finish(recording);
    }, after * 1000 + PATIENCE_MS);
    timer.unref();
    const comments = evidenceComments([{ number: this.#number, finding }], false);
    const recording: Recording = { file, selection, comments, position: this.#ring.oldest, until: engine.now + after * 1e9, timer };
    this.#recordings.push(recording);
    this.#turn ??= setImmediate(this.#follow);
  }

  /** Works in parts, so as not to hold up the capture. */
  readonly #follow = (): void => {
    this.#turn = null;
    let isBehind = false;
    for (let index = this.#recordings.length - 1; index >= 0; index--) {
      const recording = this.#recordings[index];
      if (this.#advance(recording, PACKETS_A_TURN)) {
        if (recording.file.isFull || this.#isOver(recording)) this.#finish(recording);
      } else isBehind = true;
    }
    if (isBehind) this.#turn = setImmediate(this.#follow);
  };

  /** Looks at up to `most` packets of the ring for a file. True if it has caught up, or wants no more. */
  #advance(recording: Recording, most: number): boolean {
    const { file, selection, comments, until } = recording;
    const ring = this.#ring;
    const engine = this.#engine;
    if (engine === null) return true;
    // Packets that were overwritten before their turn are lost.
    recording.position = Math.max(recording.position, ring.oldest);
    for (let left = most; recording.position < ring.next && left > 0; left--) {
      const position = recording.position++;
      if (file.isFull || ring.timeAt(position) > until) return true;
      if (!selection.takes(ring.flowAt(position))) continue;
      const record = ring.read(position);
      file.add(record, engine.epoch(record.time), comments.get(record.number));
    }
    return recording.position >= ring.next;
  }

  #isOver({ until }: Recording): boolean {
    return this.#engine !== null && this.#engine.now > until;
  }

  #finish(recording: Recording): void {
    const { file, timer } = recording;
    clearTimeout(timer);
    const index = this.#recordings.indexOf(recording);
    if (index < 0) return;
    this.#recordings.splice(index, 1);
    this.#bytes += file.length;
    const ending = file.finish().then((outcome) => {
      this.#ending.delete(ending);
      this.#options.tell(textOf(outcome));
    });
    this.#ending.add(ending);
  }
}

/** "20261121T202424Z-close-wait-leak-1.pcapng" */
function nameOf({ rule }: Finding, time: bigint, number: number): string {
  const stamp = new Date(Number(time / 1_000_000n)).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${stamp}-${rule}-${number}.pcapng`;
}

function commentOf({ severity, rule, title }: Finding, after: number): string {
  return escapeControls(`${severity}, ${rule}: ${title}. The packets that were still kept when it was found, and those of the ${after} s after it.`);
}

function textOf({ path, packets, isCut, error }: EvidenceOutcome): string {
  if (error !== null) return `evidence was not written to ${path}: ${error}`;
  return `evidence: ${path}, ${packets} packets${isCut ? ', cut where it reached its largest size' : ''}`;
}
