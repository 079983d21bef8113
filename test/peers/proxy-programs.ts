// Proxies as people run them, each listening on a port that is ours already: it takes over our socket, so that nobody waits
// for its start and no port is fixed.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cleanup } from "../support/program.js";

/**
 * HAProxy in front of `server`, which has an endpoint of ours.
 * @param bind What it does with those that come: `accept-proxy`.
 * @param send How it goes on from there: `send-proxy`, `send-proxy-v2`.
 * @returns Its `host:port`.
 */
export function haproxy(t: Cleanup, server: string, send: string, bind = ""): Promise<string> {
  const config = `
    defaults
      mode tcp
      timeout connect 10s
      timeout client 60s
      timeout server 60s
    listen door
      bind fd@3 ${bind}
      server behind ${authorityOf(server)} ${send}
  `;
  return run(t, (file) => ({ command: ["haproxy", "-db", "-q", "-f", file], text: config }));
}

/** nginx as HTTP proxy in front of `server`. @param lines What it says in each request to it. @returns Its `host:port`. */
export function nginx(t: Cleanup, server: string, lines: string): Promise<string> {
  return run(t, (file, authority, folder) => ({
    command: ["nginx", "-c", file, "-p", folder, "-e", join(folder, "error.log")],
    // The way in which it hands its sockets to the one that replaces it.
    env: { NGINX: "3;" },
    text: `
      daemon off;
      worker_processes 1;
      pid ${folder}/pid;
      events {}
      http {
        access_log off;
        client_body_temp_path ${folder};
        proxy_temp_path ${folder};
        fastcgi_temp_path ${folder};
        uwsgi_temp_path ${folder};
        scgi_temp_path ${folder};
        server {
          listen ${authority};
          location / {
            proxy_pass http://${authorityOf(server)};
            proxy_http_version 1.1;
            proxy_set_header Host $host:$server_port;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
            ${lines}
          }
        }
      }`,
  }));
}

function authorityOf(endpoint: string): string {
  return endpoint.replace(/^\w+:\/\//, "").replace(/\/.*/, "");
}

interface Plan {
  readonly command: readonly string[];
  readonly text: string;
  readonly env?: { readonly [name: string]: string };
}

async function run(
  t: Cleanup,
  plan: (file: string, authority: string, folder: string) => Plan,
): Promise<string> {
  const ours = net.createServer().listen(0, "127.0.0.1");
  await once(ours, "listening");
  const { fd } = (ours as unknown as { readonly _handle: { readonly fd: number } })._handle;
  const authority = `127.0.0.1:${(ours.address() as net.AddressInfo).port}`;
  const folder = mkdtempSync(join(tmpdir(), "holdfast-proxy-"));
  const file = join(folder, "config");
  const { command, text, env } = plan(file, authority, folder);
  writeFileSync(file, `${text}\n`);
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit", fd],
  });
  t.after(async () => {
    await ended(child);
    rmSync(folder, { recursive: true });
  });
  // Its own now; whoever connects before it has read its configuration waits in the backlog.
  ours.close();
  return authority;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // In order: nginx has a worker to end.
  child.kill("SIGTERM");
  await once(child, "exit");
}
