import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { z } from "zod";
import { ExecAgent } from "./exec-agent.ts";

const PORT = 5000;
const MANIFESTS = [
  ...["oci.image.index.v1", "oci.image.manifest.v1"].map((kind) => `application/vnd.${kind}+json`),
  ...["manifest.list.v2", "manifest.v2"].map((kind) => `application/vnd.docker.distribution.${kind}+json`),
];

const blob = z.object({ digest: z.string(), size: z.number() });
const manifestText = z.object({
  config: blob.optional(),
  layers: z.array(blob).default([]),
  manifests: z.array(z.object({ digest: z.string() })).default([]),
});
const configText = z.object({ created: z.string().optional() });

/** A manifest as the registry has it. */
export interface StoredManifest {
  /** When the image was built, in milliseconds since 1970; 0 where it does not tell. */
  built: number;
  /** Blobs that it refers to, by digest, with their sizes in bytes. */
  blobs: Map<string, number>;
  /** Manifests of single platforms that it is an index of. */
  children: string[];
}

/** The API of the registry in a container, past the proxy, so that it takes deletions while the proxy refuses writes. */
export class RegistryApi {
  private readonly agent: ExecAgent;
  private readonly auth: string;

  /** @param auth `user:password` of one who may push. */
  constructor(container: Docker.Container, auth: string) {
    this.agent = new ExecAgent(container, PORT);
    this.auth = auth;
  }

  /** True when nothing was ever pushed. */
  async isEmpty(): Promise<boolean> {
    const { repositories } = z
      .object({ repositories: z.array(z.string()) })
      .parse(JSON.parse(await this.get("/_catalog?n=1")));
    return repositories.length === 0;
  }

  /** The tags of a repository, with the digests that they point at. */
  async tags(repository: string): Promise<Map<string, string>> {
    const answer = await this.ask("GET", `/${repository}/tags/list`);
    if (answer.statusCode === 404) return drained(answer, new Map<string, string>());
    const { tags } = z.object({ tags: z.array(z.string()).nullable() }).parse(JSON.parse(await bodyOf(answer)));
    const digests = new Map<string, string>();
    for (const tag of tags ?? []) {
      const head = await this.ask("HEAD", `/${repository}/manifests/${tag}`);
      const digest = head.headers["docker-content-digest"];
      if (head.statusCode === 200 && typeof digest === "string") digests.set(tag, digest);
      await drained(head, undefined);
    }
    return digests;
  }

  /** A manifest, with what it says of itself. */
  async manifest(repository: string, digest: string): Promise<StoredManifest> {
    const { config, layers, manifests } = manifestText.parse(
      JSON.parse(await this.get(`/${repository}/manifests/${digest}`)),
    );
    return {
      built: config ? await this.builtAt(repository, config.digest) : 0,
      blobs: new Map([...(config ? [config] : []), ...layers].map(({ digest, size }) => [digest, size])),
      children: manifests.map(({ digest }) => digest),
    };
  }

  /** Deletes a manifest and the tags that point at it; nothing happens when it is gone. */
  async remove(repository: string, digest: string): Promise<void> {
    const answer = await this.ask("DELETE", `/${repository}/manifests/${digest}`);
    if (answer.statusCode === 404) return drained(answer, undefined);
    await bodyOf(answer);
  }

  /** Ends its connection. */
  close(): void {
    this.agent.destroy();
  }

  private async builtAt(repository: string, config: string): Promise<number> {
    const text = await this.get(`/${repository}/blobs/${config}`).catch(() => "{}");
    const { created } = configText.safeParse(JSON.parse(text)).data ?? {};
    const time = Date.parse(created ?? "");
    return Number.isNaN(time) ? 0 : time;
  }

  private async get(path: string): Promise<string> {
    return bodyOf(await this.ask("GET", path));
  }

  private ask(method: string, path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers = { accept: [...MANIFESTS, "*/*"].join(", ") };
      const place = { host: "127.0.0.1", port: PORT, path: `/v2${path}` };
      request({ ...place, method, headers, auth: this.auth, agent: this.agent }, resolve)
        .on("error", reject)
        .end();
    });
  }
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  const body = await text(answer);
  const status = answer.statusCode ?? 0;
  if (status < 300) return body;
  throw new Error(`the registry answers ${status}: ${body.trim()}`);
}

async function drained<T>(answer: IncomingMessage, value: T): Promise<T> {
  await text(answer);
  return value;
}
