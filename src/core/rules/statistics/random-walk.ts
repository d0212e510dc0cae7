/** Chance that a first contact of a benign source succeeds, and of a scanner (Jung et al. 2004, section 4). */
const BENIGN_SUCCEEDS = 0.8;
const SCANNER_SUCCEEDS = 0.2;
/** Share of benign sources that may be called scanners, and of scanners that are to be found. */
const FALSE_ALARMS = 0.01;
const DETECTED = 0.99;

const SUCCESS = Math.log(SCANNER_SUCCEEDS / BENIGN_SUCCEEDS);
const FAILURE = Math.log((1 - SCANNER_SUCCEEDS) / (1 - BENIGN_SUCCEEDS));
const SCANNER_FROM = Math.log(DETECTED / FALSE_ALARMS);
const BENIGN_FROM = Math.log((1 - DETECTED) / (1 - FALSE_ALARMS));

/**
 * The sequential test of one source, Threshold Random Walk (J. Jung, V. Paxson, A. W. Berger, H. Balakrishnan: Fast Portscan Detection
 * Using Sequential Hypothesis Testing, 2004): the logarithm of how much likelier its first contacts are a scanner's than a benign
 * source's. Time plays no part, so a slow scan is found like a fast one. The credit of success ends where the source counts as
 * benign, so that a scanner cannot save up more (P. Mell, R. Harang, 2013).
 */
export class RandomWalk {
  /** First contacts judged so far. */
  contacts = 0;
  /** How many it took to call the source a scanner; 0 while it is not called one. */
  decidedAfter = 0;
  private logRatio = 0;

  /** A contact of the source with a target that it had not tried before. */
  step(succeeded: boolean): void {
    this.contacts += 1;
    this.logRatio = Math.max(BENIGN_FROM, this.logRatio + (succeeded ? SUCCESS : FAILURE));
    if (this.decidedAfter === 0 && this.logRatio >= SCANNER_FROM) this.decidedAfter = this.contacts;
  }
}
