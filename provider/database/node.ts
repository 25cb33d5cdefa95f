import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { extract, pack } from "tar-stream";
import { lastLogLines } from "../container-log.ts";
import { isNotFound, statusOf, unlessGone } from "../engine/engine.ts";
import type { Dialect, Role } from "./dialect.ts";

/** User and group of the official images. */
const OWNER = { uid: 999, gid: 999 };
const STOP_SECONDS = 120;

/** One server of a database: its container, and what its volume says of it. */
export class Node {
  readonly number: number;
  /** Address within the environment: `main-1`. */
  readonly name: string;
  readonly container: Docker.Container;
  private readonly control: string;

  constructor(
    docker: Docker,
    { database, node, container }: { database: string; node: number; container: string },
    dialect: Dialect,
  ) {
    this.number = node;
    this.name = `${database}-${node}`;
    this.container = docker.getContainer(container);
    this.control = `${dialect.volume}/slipway`;
  }

  /** What the volume says that the node is; undefined for a new volume, or a container that is gone. */
  async role(): Promise<Role | undefined> {
    const content = await this.read("role");
    return content === undefined ? undefined : (content.trim() as Role);
  }

  /** Writes what the node is from its next start on, running or not, and, unless it knows, how it signs in to the primary. */
  async assign(role: Role, credentials?: { name: string; content: string }): Promise<void> {
    const archive = pack();
    archive.entry({ name: "slipway", type: "directory", mode: 0o700, ...OWNER });
    if (credentials) archive.entry({ name: `slipway/${credentials.name}`, mode: 0o600, ...OWNER }, credentials.content);
    // Last: it is what the container waits for.
    archive.entry({ name: "slipway/role", mode: 0o600, ...OWNER }, `${role}\n`);
    archive.finalize();
    await this.container.putArchive(Readable.from(archive), {
      path: this.control.slice(0, this.control.lastIndexOf("/")),
    });
  }

  /** Starts the container, again if it runs. */
  async restart(): Promise<void> {
    await this.container.restart({ t: STOP_SECONDS });
  }

  /** Starts the container; nothing happens when it runs. */
  async start(): Promise<void> {
    await ignoringStatus(304, this.container.start());
  }

  /** Stops the container cleanly; nothing happens when it does not run or is gone. */
  async stop(): Promise<void> {
    await unlessGone(ignoringStatus(304, this.container.stop({ t: STOP_SECONDS })));
  }

  /** What the engine knows of the container; undefined when it is gone. */
  inspect(): Promise<Docker.ContainerInspectInfo | undefined> {
    return unlessGone<Docker.ContainerInspectInfo>(this.container.inspect());
  }

  /** The last lines that the container printed, indented. */
  log(): Promise<string> {
    return lastLogLines(this.container);
  }

  private async read(file: string): Promise<string | undefined> {
    try {
      const archive = await this.container.getArchive({ path: `${this.control}/${file}` });
      const extraction = extract();
      archive.pipe(extraction);
      for await (const entry of extraction) return await text(entry);
      return undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

async function ignoringStatus(status: number, call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (statusOf(error) !== status) throw error;
  }
}
