import { createHash, randomBytes } from "node:crypto";
import { request } from "node:https";
import { Readable } from "node:stream";
import { buffer, json } from "node:stream/consumers";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { z } from "zod";
import { follow } from "../../provider/image/follow.ts";
import type { EngineEvent } from "../../provider/image/follow.ts";
import type { Workspace } from "./workspace.ts";

/** Who signs in to the registry: `push` and `pull` are its users, `wrong` has a wrong password. */
export type User = "push" | "pull" | "wrong" | "nobody";

/** The registry of a workspace's platform, as its clients see it. */
export interface TestRegistry {
  address: string;
  /** Asks its API; TLS has to verify with the platform's authority alone. */
  ask: (user: User, path: string, method?: string) => Promise<ApiAnswer>;
  /** Makes a local image of one layer of random content and returns its reference. */
  makeImage: (repository: string, tag: string, megabytes?: number) => Promise<string>;
  /** Has the engine push an image, and returns its digest. */
  push: (user: User, image: string, onEvent?: (event: EngineEvent) => void) => Promise<string>;
  /** Removes the engine's own copy and has it pull the image. */
  pull: (user: User, image: string) => Promise<void>;
  /** Its container. */
  container: () => Promise<Docker.Container>;
}

/** An answer of the registry's API. */
export interface ApiAnswer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: unknown;
}

const MANIFESTS = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
].join(", ");

const outputs = z.object({
  ca: z.string(),
  registry: z.object({ address: z.string(), username: z.string(), pullUsername: z.string() }),
  registryPassword: z.string(),
  registryPullPassword: z.string(),
});

/** Reads from the platform's outputs how its registry is reached. */
export async function openRegistry(workspace: Workspace): Promise<TestRegistry> {
  const { docker } = workspace;
  const { ca, registry, registryPassword, registryPullPassword } = outputs.parse(await workspace.outputs("platform"));
  const { address } = registry;
  const users = {
    push: { username: registry.username, password: registryPassword },
    pull: { username: registry.pullUsername, password: registryPullPassword },
    wrong: { username: registry.username, password: "wrong" },
    nobody: undefined,
  };
  const authFor = (user: User) => users[user] && { ...users[user], serveraddress: address };
  return {
    address,
    ask: (user, path, method = "GET") =>
      new Promise((resolve, reject) => {
        const auth = users[user] && `${users[user].username}:${users[user].password}`;
        const headers = { accept: MANIFESTS };
        const outgoing = request(`https://${address}${path}`, { method, headers, auth, ca, agent: false });
        outgoing.on("error", reject);
        outgoing.on("response", (incoming) => {
          const answer = (body: unknown) => {
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
          };
          json(incoming).then(answer, () => {
            answer(undefined);
          });
        });
        outgoing.end();
      }),
    async makeImage(repository, tag, megabytes = 0) {
      const content = randomBytes(megabytes * 1_000_000 + 32);
      const archive = pack();
      archive.entry({ name: createHash("sha256").update(content).digest("hex") }, content);
      archive.finalize();
      const repo = `${address}/${repository}`;
      await follow(docker, await docker.importImage(Readable.from([await buffer(archive)]), { repo, tag }));
      return `${repo}:${tag}`;
    },
    async push(user, image, onEvent) {
      const events = await follow(docker, await docker.getImage(image).push({ authconfig: authFor(user) }), onEvent);
      const pushed = events.map(({ aux }) => z.object({ Digest: z.string() }).safeParse(aux).data?.Digest);
      return pushed.find((digest) => digest !== undefined) ?? "";
    },
    async pull(user, image) {
      await docker
        .getImage(image)
        .remove({ force: true })
        .catch(() => undefined);
      await follow(docker, await docker.pull(image, { authconfig: authFor(user) }));
    },
    async container() {
      const label = [`slipway.namespace=${workspace.namespace}`, "slipway.role=registry"];
      const [found] = await docker.listContainers({ filters: { label } });
      return docker.getContainer(found?.Id ?? "none");
    },
  };
}
