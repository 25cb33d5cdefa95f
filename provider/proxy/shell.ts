import type Docker from "dockerode";
import { ShellSession } from "./shell-session.ts";

const IDLE_MS = 5000;

/** Shells that are open and run nothing, by container. */
const idle = new Map<string, ShellSession[]>();

/**
 * Runs a shell script with arguments (`$1`, …) in a running container and returns what it printed. The shell that starts
 * it stays open for the next one.
 *
 * @throws {Error} with what it printed when it fails.
 */
export async function shell(container: Docker.Container, script: string, ...args: string[]): Promise<string> {
  const session = takeIdle(container.id) ?? (await ShellSession.open(container));
  const { code, stdout, stderr } = await session.run(script, args);
  keepIdle(container.id, session);
  if (code === 0) return stdout;
  throw new Error(`exit code ${code} in the proxy's container: ${`${stdout}\n${stderr}`.trim()}`);
}

function takeIdle(container: string): ShellSession | undefined {
  const session = idle.get(container)?.pop();
  if (!session) return undefined;
  if (!session.open) return takeIdle(container);
  session.hold(true);
  return session;
}

function keepIdle(container: string, session: ShellSession): void {
  const sessions = idle.get(container) ?? [];
  idle.set(container, sessions);
  sessions.push(session);
  session.hold(false);
  const close = () => {
    const index = sessions.indexOf(session);
    if (index === -1) return;
    sessions.splice(index, 1);
    session.close();
  };
  setTimeout(close, IDLE_MS).unref();
}
