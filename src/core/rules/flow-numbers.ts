const FIRST_SLOTS = 1024;

/** A small number for each flow's slot (0 to 2^32 - 1); 0 where nothing was noted. */
export class FlowNumbers {
  private numbers = new Uint32Array(FIRST_SLOTS);

  note(flow: number, value: number): void {
    if (flow >= this.numbers.length) {
      const larger = new Uint32Array(Math.max(flow + 1, this.numbers.length * 2));
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[flow] = value;
  }

  of(flow: number): number {
    return this.numbers[flow] ?? 0;
  }
}
