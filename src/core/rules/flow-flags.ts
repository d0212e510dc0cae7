const FIRST_SLOTS = 1024;

/** The flag bits with which each flow began, one small number a flow's slot. */
export class FlowFlags {
  #flags = new Uint16Array(FIRST_SLOTS);

  note(flow: number, flags: number): void {
    if (flow >= this.#flags.length) {
      const larger = new Uint16Array(Math.max(flow + 1, this.#flags.length * 2));
      larger.set(this.#flags);
      this.#flags = larger;
    }
    this.#flags[flow] = flags;
  }

  /** 0 where nothing was noted. */
  of(flow: number): number {
    return this.#flags[flow] ?? 0;
  }
}
