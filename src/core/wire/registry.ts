/** Enters `entry` under `key`; throws when another has it, so that no entry ever hides another. */
export function register<T extends { name: string }>(table: Map<number, T>, key: number, entry: T): void {
  const other = table.get(key);
  if (other !== undefined) throw new Error(`${key} belongs to ${other.name} and to ${entry.name}`);
  table.set(key, entry);
}
