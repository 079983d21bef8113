// Certificates for tests, made when they are asked for: an authority, and what it has signed or revoked.
// Invariant: nothing is kept in files, and nothing outside this process trusts any of it.

import { createPrivateKey, sign, X509Certificate } from "node:crypto";
import { type CertificateExtension, generate } from "selfsigned";

/** A certificate and its key, both as PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface IssueOptions {
  /** DNS names and IP addresses that it is for; default: this machine's own. */
  readonly names?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const day = 86_400_000;
const ownNames = ["localhost", "127.0.0.1", "::1"];

export class Authority {
  readonly cert: string;
  readonly #key: string;

  private constructor({ cert, key }: Identity) {
    this.cert = cert;
    this.#key = key;
  }

  static async create(name = "Holdfast test authority"): Promise<Authority> {
    return new Authority(
      await generated(name, {}, [
        { name: "basicConstraints", cA: true, critical: true },
        { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
      ]),
    );
  }

  /** A server's or a client's certificate, for a day unless it says otherwise. */
  issue(name: string, options: IssueOptions = {}): Promise<Identity> {
    const { names = ownNames } = options;
    const altNames = names.map((one) =>
      /^[\d.]+$|:/.test(one) ? ({ type: 7, ip: one } as const) : ({ type: 2, value: one } as const),
    );
    const ca = { cert: this.cert, key: this.#key };
    return generated(
      name,
      options,
      [
        { name: "basicConstraints", cA: false, critical: true },
        { name: "keyUsage", digitalSignature: true, critical: true },
        { name: "extKeyUsage", serverAuth: true, clientAuth: true },
        { name: "subjectAltName", altNames },
      ],
      ca,
    );
  }

  /** What is revoked, as PEM (RFC 5280 section 5). */
  revoke(...identities: readonly Identity[]): string {
    const ecdsaWithSha256 = sequence(tagged(0x06, Buffer.from("2a8648ce3d040302", "hex")));
    const revoked = identities.map(({ cert }) => sequence(serialOf(cert), time(Date.now() - day)));
    const list = sequence(
      tagged(0x02, Buffer.from([1])),
      ecdsaWithSha256,
      nameOf(this.cert),
      time(Date.now() - day),
      time(Date.now() + day),
      ...(revoked.length === 0 ? [] : [sequence(...revoked)]),
    );
    const signature = sign("sha256", list, createPrivateKey(this.#key));
    const whole = sequence(list, ecdsaWithSha256, tagged(0x03, Buffer.concat([Buffer.of(0), signature])));
    const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
    return ["-----BEGIN X509 CRL-----", ...lines, "-----END X509 CRL-----", ""].join("\n");
  }
}

/** What most tests need, made once for each test file. */
export interface Certificates {
  readonly authority: Authority;
  /** Of whom everybody here trusts. */
  readonly ca: string;
  /** For localhost, 127.0.0.1 and ::1. */
  readonly server: Identity;
  readonly client: Identity;
  readonly expired: Identity;
  readonly notYetValid: Identity;
  /** For elsewhere.test alone. */
  readonly elsewhere: Identity;
  /** Signed by an authority that nobody knows. */
  readonly stranger: Identity;
}

let made: Promise<Certificates> | undefined;

export function certificates(): Promise<Certificates> {
  made ??= makeAll();
  return made;
}

async function makeAll(): Promise<Certificates> {
  const [authority, unknown] = [await Authority.create(), await Authority.create("Nobody knows")];
  const now = Date.now();
  return {
    authority,
    ca: authority.cert,
    server: await authority.issue("server"),
    client: await authority.issue("client", { names: ["client.test"] }),
    expired: await authority.issue("expired", {
      notBefore: new Date(now - 2 * day),
      notAfter: new Date(now - day),
    }),
    notYetValid: await authority.issue("not yet valid", { notBefore: new Date(now + day) }),
    elsewhere: await authority.issue("elsewhere", { names: ["elsewhere.test"] }),
    stranger: await unknown.issue("stranger"),
  };
}

async function generated(
  name: string,
  { notBefore = new Date(Date.now() - 3_600_000), notAfter }: IssueOptions,
  extensions: CertificateExtension[],
  ca?: { readonly cert: string; readonly key: string },
): Promise<Identity> {
  const { cert, private: key } = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: notBefore,
    notAfterDate: notAfter ?? new Date(notBefore.getTime() + 2 * day),
    extensions,
    ...(ca === undefined ? {} : { ca }),
  });
  // As files have it, so that two can stand one behind the other.
  return { cert: `${cert.trimEnd()}\n`, key };
}

// Just enough of DER (X.690) for a revocation list.

function tagged(tag: number, content: Buffer): Buffer {
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function time(ms: number): Buffer {
  const [, text = ""] = /^20(.*)\./.exec(new Date(ms).toISOString()) ?? [];
  return tagged(0x17, Buffer.from(`${text.replaceAll(/\D/g, "")}Z`));
}

/** The values inside one value, each with its tag and length. */
function inside(value: Buffer): Buffer[] {
  const values: Buffer[] = [];
  for (let at = headerOf(value).header; at < value.length; ) {
    const { header, size } = headerOf(value.subarray(at));
    values.push(value.subarray(at, at + header + size));
    at += header + size;
  }
  return values;
}

function headerOf(value: Buffer): { header: number; size: number } {
  const first = value[1] ?? 0;
  if (first < 128) return { header: 2, size: first };
  const width = first - 128;
  return { header: 2 + width, size: value.readUIntBE(2, width) };
}

/** Version, serial number, algorithm, issuer: RFC 5280 section 4.1. */
function fieldsOf(cert: string): Buffer[] {
  const [toBeSigned = Buffer.alloc(0)] = inside(new X509Certificate(cert).raw);
  return inside(toBeSigned);
}

const serialOf = (cert: string): Buffer => fieldsOf(cert)[1] ?? Buffer.alloc(0);
/** An authority has signed itself, so that its issuer is its own name. */
const nameOf = (cert: string): Buffer => fieldsOf(cert)[3] ?? Buffer.alloc(0);
