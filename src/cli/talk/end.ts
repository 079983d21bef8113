// One end of a conversation, seen as bytes: the terminal, a connection, a process. Any two of them can be joined.
// Invariant: whatever is copied is written in order and whole before the half-close that follows it.

export interface End {
  /** The next bytes, which are valid until the next `read`; undefined once this end has said its last. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves once there is room for more; `chunk` may be overwritten then. */
  write(chunk: Uint8Array): Promise<void>;
  /** No more is written: the half-close, where this end has one. Resolves behind all that was written. */
  end(): Promise<void>;
}

/** Told of every chunk on its way. */
export type Tap = (chunk: Uint8Array) => void;

/** Why `to` took no more; undefined if it took all. */
export type WriteFailure = { readonly error: unknown } | undefined;

/** All that `from` says, to `to`; then the half-close. Rejects only if `from` fails. */
export async function copy(from: End, to: End, taps: readonly Tap[]): Promise<WriteFailure> {
  for (;;) {
    const chunk = await from.read();
    try {
      if (chunk === undefined) {
        await to.end();
        return undefined;
      }
      for (const tap of taps) tap(chunk);
      await to.write(chunk);
    } catch (error) {
      return { error };
    }
  }
}

/** For whom a failed write is the end. @throws it. */
export function rethrow(failure: WriteFailure): void {
  if (failure !== undefined) throw failure.error;
}
