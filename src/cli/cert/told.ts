// What `holdfast cert` says: what is there now, until when, and how each program is made to trust it.

import type { Pair } from "./files.js";
import type { CertificateName } from "./names.js";

export interface Made {
  readonly authority: Pair;
  readonly server: Pair;
  readonly names: readonly CertificateName[];
  readonly client: Pair | undefined;
}

export function toldOf({ authority, server, names, client }: Made): string[] {
  const [host = ""] = names.map(({ text }) => text.replace(/^\*/, "any"));
  const at = `${host.includes(":") ? `[${host}]` : host}`;
  const ca = quoted(authority.paths.cert);
  const proof =
    client === undefined
      ? []
      : [line("as a client", `--cert ${quoted(client.paths.cert)} --key ${quoted(client.paths.key)}`)];
  return [
    `${verb(authority)} ${authority.paths.cert}: an authority of your own, until ${dateOf(authority)}`,
    `  whoever has its key, ${authority.paths.key}, can pass for anybody to those who trust it: never give it away`,
    `${verb(server)} ${server.paths.cert} and ${server.paths.key}: for ${names.map(({ text }) => text).join(", ")}, until ${dateOf(server)}`,
    ...(client === undefined
      ? []
      : [`${verb(client)} ${client.paths.cert} and ${client.paths.key}: a client, until ${dateOf(client)}`]),
    "",
    "To serve with it:",
    line(
      "holdfast",
      `holdfast listen tls://:9000 --cert ${quoted(server.paths.cert)} --key ${quoted(server.paths.key)}`,
    ),
    "To trust the authority:",
    line("holdfast", `holdfast connect tls://${at}:9000 --ca ${ca}`),
    line("curl", `curl --cacert ${ca} https://${at}:9000`),
    line("Python", `ssl.create_default_context(cafile=${JSON.stringify(authority.paths.cert)})`),
    line("Node", `NODE_EXTRA_CA_CERTS=${ca} node …`),
    line(
      "Chromium",
      `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n holdfast -i ${ca}     # in libnss3-tools`,
    ),
    line("", "or chrome://certificate-manager, Local certificates, Installed by you, Import"),
    ...proof,
  ];
}

function verb({ isNew }: Pair): string {
  return isNew ? "made" : "kept";
}

function dateOf({ certificate }: Pair): string {
  return new Date(certificate.validTo).toISOString().slice(0, 10);
}

function line(program: string, text: string): string {
  return `  ${program.padEnd(11)} ${text}`;
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
