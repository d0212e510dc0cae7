import { nearest } from '../core/index.ts';

/** The known name from which the word differs by two swapped neighbours: the commonest slip, which `nearest` counts as two. */
function unswapped(word: string, known: readonly string[]): string | undefined {
  return known.find((name) => {
    let at = 0;
    while (at < name.length && name[at] === word[at]) at++;
    return at < name.length && name === word.slice(0, at) + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2);
  });
}

/** Ends a message about an unknown name: "; did you mean X?", or `listing` if no name is near. */
export function suggestion(mistyped: string, known: readonly string[], listing: string): string {
  const word = mistyped.toLowerCase();
  const name = unswapped(word, known) ?? nearest(word, known);
  return name === null ? `; ${listing}` : `; did you mean ${name}?`;
}
