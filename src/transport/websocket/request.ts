// The HTTP request that a WebSocket connection began with.

export interface UpgradeRequest {
  /** Path and query, as the client wrote them. */
  readonly url: string;
  /** By lower-case name; of several with one name, one text with commas. */
  readonly headers: { readonly [name: string]: string | undefined };
  /** The client's address: its own, or what a trusted proxy said of it. */
  readonly address: string;
  /** The subprotocol agreed on (RFC 6455 section 1.9); empty if none was. */
  readonly subprotocol: string;
}
