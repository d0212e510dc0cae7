/**
 * What was made last of some parts, and is given again as long as they are the same. Most of a screen stays as it is for several frames, and to make
 * it anew costs more than the time that takes: what runs five times a second is compiled over and over before it pays.
 */
export class Remembered<Made> {
  readonly #last = new WeakMap<object, { parts: readonly unknown[]; made: Made }>();

  /** @param owner whose it is: one is remembered for each */
  of(owner: object, parts: readonly unknown[], make: () => Made): Made {
    const last = this.#last.get(owner);
    if (last !== undefined && areSame(last.parts, parts)) return last.made;
    const made = make();
    this.#last.set(owner, { parts, made });
    return made;
  }
}

function areSame(former: readonly unknown[], parts: readonly unknown[]): boolean {
  for (let index = 0; index < parts.length; index++) if (former[index] !== parts[index]) return false;
  return true;
}
