/** Small for the reason given in `flow/table.ts`. */
const FIRST_SLOTS = 64;

/**
 * A small number (0 to 2^32 - 1), or several, for each flow's slot or for each endpoint's index; 0 where nothing was noted. Several
 * of one slot (`fields`) lie side by side: to fetch them from memory is what they cost.
 */
export class SlotNumbers {
  private readonly fields: number;
  private numbers: Uint32Array;

  constructor(fields = 1) {
    this.fields = fields;
    this.numbers = new Uint32Array(FIRST_SLOTS * fields);
  }

  note(slot: number, value: number, field = 0): void {
    const at = slot * this.fields + field;
    if (at >= this.numbers.length) this.grow(slot + 1);
    this.numbers[at] = value;
  }

  add(slot: number, amount: number, field = 0): void {
    this.note(slot, this.of(slot, field) + amount, field);
  }

  of(slot: number, field = 0): number {
    const at = slot * this.fields + field;
    return at < this.numbers.length ? this.numbers[at] : 0;
  }

  private grow(slots: number): void {
    const larger = new Uint32Array(Math.max(slots * this.fields, this.numbers.length * 2));
    larger.set(this.numbers);
    this.numbers = larger;
  }
}
