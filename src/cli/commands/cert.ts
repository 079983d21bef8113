// cert: certificates for development, signed by an authority of one's own that is kept beside them.

import { hostname } from "node:os";

import { UsageError } from "../../index.js";
import { authorityIn, leafIn } from "../cert/authority.js";
import { pairPaths, prepareFolder } from "../cert/files.js";
import { type CertificateName, certificateName } from "../cert/names.js";
import { toldOf } from "../cert/told.js";
import type { Command } from "../command.js";
import { say } from "../output.js";

/** Browsers refuse what is valid for longer (CA/Browser Forum, Baseline Requirements, since 2020). */
const daysMax = 398;

export const certCommand: Command<"cert"> = async ({ args, options }) => {
  const { folder, client: clientName, days, renew } = options;
  if (days > daysMax) {
    throw new UsageError(`--days is ${days}`, { advice: `browsers take ${daysMax} at most` });
  }
  const names = args.length === 0 ? ownNames() : args.map(certificateName);
  const fileName = fileNameOf(names[0]?.text ?? "");
  const clientPaths =
    clientName === undefined ? undefined : pairPaths(folder, `${clientFileName(clientName)}.client`);
  prepareFolder(folder);
  const now = { now: new Date(), renew };
  const authority = authorityIn(folder, now);
  const server = leafIn(pairPaths(folder, fileName), authority, {
    ...now,
    use: "server",
    commonName: names[0]?.text ?? "",
    names,
    days,
  });
  const client =
    clientName === undefined || clientPaths === undefined
      ? undefined
      : leafIn(clientPaths, authority, { ...now, use: "client", commonName: clientName, names: [], days });
  for (const line of toldOf({ authority, server, names, client })) say(line);
};

/** What this machine is called from here, and from beside it. */
function ownNames(): CertificateName[] {
  const loopback = ["localhost", "127.0.0.1", "::1"].map(certificateName);
  try {
    const own = certificateName(hostname());
    return own.text === "localhost" ? loopback : [...loopback, own];
  } catch {
    // A machine may be called what no name in DNS can be.
    return loopback;
  }
}

/** `*.app.test` and `::1` as a shell and every file system take them; `ca` is the authority's. */
function fileNameOf(name: string): string {
  const plain = name.replace(/^\*/, "any").replaceAll(":", "-");
  return plain === "ca" ? "ca.server" : plain;
}

function clientFileName(name: string): string {
  if (/^[\w][\w.@-]{0,63}$/.test(name)) return name;
  throw new UsageError(`--client is ${JSON.stringify(name)}`, {
    advice: "give up to 64 letters, digits, dots and hyphens",
  });
}
