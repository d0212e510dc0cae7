/**
 * The input is no capture that synoptic can read. `message` is one line for a person: what was found instead and, where one is
 * known, how to mend it. Damage *inside* a capture is never thrown: see `Damage`.
 */
export class UnrecognisedCapture extends Error {
  override readonly name = 'UnrecognisedCapture';
}
