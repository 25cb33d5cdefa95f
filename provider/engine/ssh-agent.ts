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

  // What a free connection is asked for is TCP's; this one goes through a process and just stays.
  override keepSocketAlive(): boolean {
    return true;
  }

  override reuseSocket(): void {
    return;
  }

  override createConnection(): Duplex {
    const command = ["-o", "BatchMode=yes", ...this.target, "docker", "system", "dial-stdio"];
    const ssh = spawn("ssh", command, { stdio: ["pipe", "pipe", "pipe"] });
    const connection = new Duplex({
      read: () => ssh.stdout.resume(),
      // What goes wrong here is what ssh says when it ends, and not that its input is closed.
      write: (chunk, encoding, done) =>
        ssh.stdin.write(chunk, encoding, () => {
          done();
        }),
      final: (done) => ssh.stdin.end(done),
      destroy: (error, done) => {
        ssh.kill();
        done(error);
      },
    });
    let complaint = "";
    ssh.stdin.on("error", () => undefined);
    ssh.stdout.on("data", (chunk: Buffer) => {
      if (!connection.push(chunk)) ssh.stdout.pause();
    });
    ssh.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
    ssh.on("error", (error) => connection.destroy(error));
    ssh.on("close", (code) => {
      if (code === 0) connection.push(null);
      else connection.destroy(new Error(complaint.trim() || `ssh ended with code ${String(code)}`));
    });
    return connection;
  }
}
