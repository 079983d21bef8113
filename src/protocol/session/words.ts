// What ends are told with: ABORT, GOAWAY, CLOSE and REJECT, each a code for programs and a reason for people.
// Invariant: whatever the reason, its frame keeps to its bound, and the text is cut between two characters.

import { UsageError } from "../../core/errors.js";
import { quoteText } from "../encoding/quote.js";
import { countOf, type Fields, matchOf, parseFields, textOf } from "./fields.js";
import { wordsBytesMax } from "./frames.js";

export interface Abort {
  readonly code: string;
  readonly reason: string;
}

export interface GoAway {
  readonly reason: string;
  readonly retryAfterMs: number;
}

export interface Close {
  /** The last sequenced frame; means nothing unless the code is `closed`. */
  readonly final: number;
  readonly code: string;
  readonly reason: string;
}

export interface Reject {
  readonly code: string;
  readonly reason: string;
  readonly retryAfterMs: number;
}

/** @throws UsageError for a code that is no word, as all that encode one. */
export function encodeAbort({ code, reason }: Abort): Uint8Array {
  return encode(reason, (text) => ({ code: checked(code), reason: text }));
}

export function encodeGoAway({ reason, retryAfterMs }: GoAway): Uint8Array {
  return encode(reason, (text) => ({ reason: text, retryAfterMs }));
}

export function encodeClose({ final, code, reason }: Close): Uint8Array {
  return encode(reason, (text) => ({ final, code: checked(code), reason: text }));
}

export function encodeReject({ code, reason, retryAfterMs }: Reject): Uint8Array {
  return encode(reason, (text) => ({ code: checked(code), reason: text, retryAfterMs }));
}

/** @throws Violation (`malformed`), as all that follow. */
export function decodeAbort(payload: Uint8Array): Abort {
  const fields = parseWords(payload);
  return { code: fields.code === undefined ? "aborted" : codeOf(fields), reason: reasonOf(fields) };
}

export function decodeGoAway(payload: Uint8Array): GoAway {
  const fields = parseWords(payload);
  return { reason: reasonOf(fields), retryAfterMs: retryAfterMsOf(fields) };
}

export function decodeClose(payload: Uint8Array): Close {
  const fields = parseWords(payload);
  const code = codeOf(fields);
  const final = code === "closed" ? countOf(fields, "final") : 0;
  return { final, code, reason: reasonOf(fields) };
}

export function decodeReject(payload: Uint8Array): Reject {
  const fields = parseWords(payload);
  return { code: codeOf(fields), reason: reasonOf(fields), retryAfterMs: retryAfterMsOf(fields) };
}

const codeForm = /^[A-Za-z0-9._-]{1,64}$/;
const codeWords = "1 to 64 letters, digits, dots, dashes or underscores";
const encoder = new TextEncoder();

function parseWords(payload: Uint8Array): Fields {
  return payload.length === 0 ? {} : parseFields(payload);
}

function codeOf(fields: Fields): string {
  return matchOf(fields, "code", codeForm, codeWords);
}

function checked(code: string): string {
  if (codeForm.test(code)) return code;
  throw new UsageError(`code must be ${codeWords}, got ${quoteText(code)}`);
}

/** What a terminal would act on: people read reasons in errors and logs. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function reasonOf(fields: Fields): string {
  return fields.reason === undefined ? "" : textOf(fields, "reason").replace(unprintable, "\uFFFD");
}

function retryAfterMsOf(fields: Fields): number {
  return fields.retryAfterMs === undefined ? 0 : countOf(fields, "retryAfterMs");
}

function encode(reason: string, wordsWith: (reason: string) => object): Uint8Array {
  const room = wordsBytesMax - jsonBytes(wordsWith("")).length;
  return jsonBytes(wordsWith(cut(reason, room)));
}

/** As much of `text` as takes at most `room` bytes within JSON, where some characters take six. */
function cut(text: string, room: number): string {
  let bytes = 0;
  let end = 0;
  /** Where there would still be room for the sign that something is missing. */
  let endWithMark = 0;
  for (const character of text) {
    bytes += jsonBytes(character).length - quotesBytes;
    if (bytes > room) return `${text.slice(0, endWithMark)}…`;
    end += character.length;
    if (bytes <= room - markBytes) endWithMark = end;
  }
  return text;
}

const quotesBytes = 2;
const markBytes = encoder.encode("…").length;

function jsonBytes(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}
