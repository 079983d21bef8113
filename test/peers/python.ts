// Python programs as beginners' articles write them, run as they are: only their port is free instead of 12345.

import { type Cleanup, type Program, start } from "../support/program.js";

/** Tells us the port that the system chose, which the program itself has no reason to say. */
const prelude = `
import socket
class ToldSocket(socket.socket):
    def bind(self, address):
        super().bind(address)
        if self.type == socket.SOCK_DGRAM:
            print("port", self.getsockname()[1], flush=True)
    def listen(self, *backlog):
        super().listen(*backlog)
        print("port", self.getsockname()[1], flush=True)
socket.socket = ToldSocket
`;

/** A program that listens, and the port that it listens on. */
export async function pythonServer(t: Cleanup, text: string): Promise<{ program: Program; port: number }> {
  const program = python(t, prelude + text, 0);
  const [, port] = (await program.line()).split(" ");
  return { program, port: Number(port) };
}

/** A program that connects to `port`. */
export function pythonClient(t: Cleanup, text: string, port: number): Program {
  return python(t, text, port);
}

function python(t: Cleanup, text: string, port: number): Program {
  return start(t, ["python3", "-u", "-c", text.replaceAll("12345", String(port))]);
}
