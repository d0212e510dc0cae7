/** A key as a terminal in raw mode sends it. */
export interface Key {
  /** `character` and `control` (with Ctrl held) have a `text`: the character, the letter. */
  name: 'character' | 'control' | NamedKey;
  text: string;
}

export type NamedKey =
  | 'up' | 'down' | 'left' | 'right' | 'home' | 'end' | 'page-up' | 'page-down'
  | 'tab' | 'back-tab' | 'enter' | 'escape' | 'backspace' | 'delete';

/** By the final character of `ESC [ … x` and `ESC O x` (ECMA-48, and what xterm sends). */
const BY_FINAL: { readonly [final: string]: NamedKey } = {
  A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end', Z: 'back-tab',
};
/** By the number of `ESC [ n ~`. */
const BY_NUMBER: { readonly [number: string]: NamedKey } = {
  1: 'home', 3: 'delete', 4: 'end', 5: 'page-up', 6: 'page-down', 7: 'home', 8: 'end',
};
const BY_CONTROL: { readonly [code: number]: NamedKey } = { 8: 'backspace', 9: 'tab', 10: 'enter', 13: 'enter', 127: 'backspace' };

const ESCAPE = '\u001b';
/** Most parameters of a sequence that are kept. The rest of it is skipped, however long it is. */
const LONGEST = 16;

/** Turns bytes into keys. The bytes of a key may come in several pieces; unknown sequences are skipped. */
export class KeyDecoder {
  readonly #utf8 = new TextDecoder();
  #state: 'ground' | 'escape' | 'sequence' | 'single' | 'console' = 'ground';
  #parameters = '';

  /** An escape has come, which may be the key of that name or begin a sequence: call `flush` if nothing follows soon. */
  get isUndecided(): boolean {
    return this.#state !== 'ground';
  }

  decode(bytes: Uint8Array): Key[] {
    return Array.from(this.#utf8.decode(bytes, { stream: true })).flatMap((character) => this.#character(character));
  }

  /** Nothing followed: an escape on its own was the key. */
  flush(): Key[] {
    const wasKey = this.#state === 'escape';
    this.#state = 'ground';
    return wasKey ? [named('escape')] : [];
  }

  #character(character: string): Key[] {
    switch (this.#state) {
      case 'ground':
        return this.#ground(character);
      case 'escape':
        return this.#escape(character);
      case 'sequence':
        return this.#sequence(character);
      case 'single':
        this.#state = 'ground';
        return keyOf(character === 'M' ? 'enter' : BY_FINAL[character]);
      case 'console':
        this.#state = 'ground';
        return [];
    }
  }

  #ground(character: string): Key[] {
    const code = character.codePointAt(0)!;
    if (character === ESCAPE) {
      this.#state = 'escape';
      return [];
    }
    if (BY_CONTROL[code] !== undefined) return keyOf(BY_CONTROL[code]);
    if (code < 32) return [{ name: 'control', text: String.fromCharCode(code + 96) }];
    return [{ name: 'character', text: character }];
  }

  #escape(character: string): Key[] {
    this.#parameters = '';
    if (character === '[') this.#state = 'sequence';
    else if (character === 'O') this.#state = 'single';
    else {
      this.#state = 'ground';
      return [named('escape'), ...this.#ground(character)];
    }
    return [];
  }

  #sequence(character: string): Key[] {
    if (character === ESCAPE) {
      this.#state = 'escape';
      return [];
    }
    // The console of Linux: ESC [ [ A for F1.
    if (character === '[' && this.#parameters === '') {
      this.#state = 'console';
      return [];
    }
    if (character >= ' ' && character < '@') {
      if (this.#parameters.length < LONGEST) this.#parameters += character;
      return [];
    }
    this.#state = 'ground';
    // < = > ? begin answers and reports of the terminal's own (ECMA-48 §5.4.1).
    if (/^[<-?]/.test(this.#parameters)) return [];
    const [number] = this.#parameters.split(';');
    return keyOf(character === '~' ? BY_NUMBER[number] : BY_FINAL[character]);
  }
}

function named(name: NamedKey): Key {
  return { name, text: '' };
}

function keyOf(name: NamedKey | undefined): Key[] {
  return name === undefined ? [] : [named(name)];
}
