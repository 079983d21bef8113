// What a user may say about WebSockets (RFC 6455).

export interface WebSocketOptions {
  /** Subprotocols: what dials asks for, best first; what listens speaks. */
  readonly subprotocols?: readonly string[] | undefined;
  /** What dials: headers of its request, `Authorization` and the like. Never secrets in the path. */
  readonly headers?: { readonly [name: string]: string } | undefined;
  /**
   * What listens: pages that may connect, by their origin (`https://app.example`), or `*` for all. Default: pages of this
   * very host. Programs that are no browsers say no origin, and are let in.
   */
  readonly origins?: readonly string[] | undefined;
}
