/** Registers `entry` under `key`. Throws if the key is taken: no entry may hide another. */
export function register<T extends { name: string }>(table: Map<number, T>, key: number, entry: T): void {
  const other = table.get(key);
  if (other !== undefined) throw new Error(`${key} belongs to ${other.name} and to ${entry.name}`);
  table.set(key, entry);
}
