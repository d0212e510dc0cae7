const FIRST_SLOTS = 1024;

/** A small number (0 to 2^32 - 1) for each flow's slot, or for each endpoint's index; 0 where nothing was noted. */
export class SlotNumbers {
  private numbers = new Uint32Array(FIRST_SLOTS);

  note(slot: number, value: number): void {
    if (slot >= this.numbers.length) {
      const larger = new Uint32Array(Math.max(slot + 1, this.numbers.length * 2));
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[slot] = value;
  }

  of(slot: number): number {
    return this.numbers[slot] ?? 0;
  }
}
