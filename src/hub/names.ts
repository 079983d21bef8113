// What members are called: letters of any script, digits, dots, hyphens, underscores.
// Invariant: no two members have names that differ in case, in Unicode's compatible forms or in what is not seen alone.

const nameCharsMax = 24;
/** Fillers, joiners, variation selectors: letters and marks among them (UAX #44). */
const invisible = /\p{Default_Ignorable_Code_Point}/gu;

export class Names {
  readonly #taken = new Set<string>();
  #guests = 0;

  constructor(reserved: readonly string[]) {
    for (const name of reserved) this.#taken.add(keyOf(name));
  }

  /** A name for somebody who has said none. */
  guest(): string {
    for (;;) {
      this.#guests += 1;
      const name = `guest-${this.#guests}`;
      if (this.take(name)) return name;
    }
  }

  /** False if somebody has it. */
  take(name: string): boolean {
    const key = keyOf(name);
    if (this.#taken.has(key)) return false;
    this.#taken.add(key);
    return true;
  }

  release(name: string): void {
    this.#taken.delete(keyOf(name));
  }
}

/** The name in one form, and what is wrong with it if it can be none. */
export function readName(written: string): { readonly name: string } | { readonly problem: string } {
  const name = written.normalize("NFC");
  if (name === "") return { problem: "say which: /name ada" };
  if ([...name].length > nameCharsMax) return { problem: `a name has at most ${nameCharsMax} characters` };
  if (name.search(invisible) !== -1) return { problem: "every character of a name is one that can be seen" };
  // A letter first, so that no name looks like a command, an option or one of the room's own lines.
  if (!/^\p{L}[\p{L}\p{M}\p{N}._-]*$/u.test(name)) {
    return { problem: "a name begins with a letter and has letters, digits, dots, hyphens and underscores" };
  }
  return { name };
}

function keyOf(name: string): string {
  return name.normalize("NFKC").replaceAll(invisible, "").toLowerCase();
}
