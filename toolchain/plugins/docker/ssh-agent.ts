import { spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";

/**
 * Reaches an engine on another host as the docker CLI does: through the user's own `ssh`, so that his keys, known hosts
 * and `~/.ssh/config` count. (dockerode's own ssh client checks no host key.)
 */
export class SshAgent extends Agent {
  private readonly target: readonly string[];

  constructor(url: URL) {
    super({ keepAlive: true });
    const user = url.username === "" ? [] : ["-l", decodeURIComponent(url.username)];
    const port = url.port === "" ? [] : ["-p", url.port];
    this.target = [...user, ...port, "--", url.hostname];
  }

  override createConnection(): Duplex {
    const ssh = spawn("ssh", ["-o", "BatchMode=yes", ...this.target, "docker", "system", "dial-stdio"], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    const connection = Duplex.from({ readable: ssh.stdout, writable: ssh.stdin });
    let complaint = "";
    ssh.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
    ssh.on("error", (error) => connection.destroy(error));
    ssh.on("close", (code) => {
      connection.destroy(code === 0 ? undefined : new Error(complaint.trim() || `ssh ended with code ${String(code)}`));
    });
    connection.on("close", () => ssh.kill());
    return connection;
  }
}
