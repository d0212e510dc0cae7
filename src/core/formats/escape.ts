/**
 * Characters that a terminal obeys instead of showing (C0 and C1 controls, DEL), and those that reorder the text around them
 * (bidirectional controls of Unicode). Text from outside, such as a file name, must not contain either.
 */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text with every unsafe character written as `\xNN` or `\u{NNNN}`. */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, '0')}`;
  });
}
