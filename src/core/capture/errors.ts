/**
 * The input is not a capture that synoptic can read. `message` is one line for a person: what was found instead and, where there is
 * one, the remedy. Damage *inside* a capture is never thrown: see `Damage`.
 */
export class UnrecognisedCapture extends Error {
  override readonly name = 'UnrecognisedCapture';
}
