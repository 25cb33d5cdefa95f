import type { RegistryImageArgs } from "@pulumi/docker";
import { z } from "zod";
import { defineResource } from "../../../provider/plugin/resource.ts";
import type { ResourceContext } from "../../../provider/plugin/resource.ts";
import { bridged } from "./bridged.ts";
import { connect, statusOf } from "../../../provider/engine/engine.ts";
import { pushImage } from "../../../provider/image/push.ts";
import { parseReference } from "../../../provider/image/reference.ts";
import { authFor, credentials, registryHost } from "../../../provider/image/registry-auth.ts";
import { RULES } from "./rules.ts";

const authConfig = z.strictObject({
  address: z.string(),
  username: z.string().optional(),
  password: z.string().optional(),
});
const shape = {
  name: z.string(),
  authConfig: authConfig.optional(),
  insecureSkipVerify: z.boolean().optional(),
  keepRemotely: z.boolean().optional(),
  triggers: z.record(z.string(), z.string()).optional(),
} satisfies Partial<Record<keyof RegistryImageArgs, z.ZodType>>;

const state = z.object({
  name: z.string(),
  sha256Digest: z.string(),
  keepRemotely: z.boolean().optional(),
  authConfig: authConfig.optional(),
});

/** A local tag that is pushed to its registry. Its id is the digest there. */
export const registryImage = defineResource({
  inputs: z.object(shape),
  state,
  ...bridged(RULES.registryImage, z.strictObject(shape)),
  create: async (inputs, context) => {
    const docker = await connect(context);
    const digest = await pushImage(docker, inputs.name, await authOf(inputs, context), context);
    return { id: digest, state: { sha256Digest: digest } };
  },
  update: async (_id, _olds, inputs, context) => ({ sha256Digest: await remoteDigest(inputs, context) }),
  read: async (id, recorded, context, inputs) => {
    const known = state.partial().parse(recorded);
    if (known.name === undefined) throw new Error(`${id}: import this by declaring it: pushing again changes nothing`);
    const digest = await remoteDigest({ ...known, name: known.name }, context).catch((error: unknown) => {
      // The engine says 404 for a missing manifest, 403 where a registry hides it.
      if ([403, 404].includes(statusOf(error) ?? 0)) return undefined;
      throw error;
    });
    return digest === undefined ? undefined : { id: digest, inputs, state: { ...recorded, sha256Digest: digest } };
  },
  delete: async (_id, recorded, context) => {
    if (!recorded.keepRemotely) await deleteManifest(recorded, context);
  },
});

type Named = Pick<z.infer<typeof state>, "name" | "authConfig">;

async function authOf({ name, authConfig: own }: Named, context: ResourceContext) {
  return own?.username === undefined
    ? authFor(name, context)
    : credentials(registryHost(own.address), own.username, own.password ?? "");
}

async function remoteDigest(named: Named, context: ResourceContext): Promise<string> {
  const docker = await connect(context);
  const info = await docker.getImage(named.name).distribution({ authconfig: await authOf(named, context) });
  return info.Descriptor.digest;
}

async function deleteManifest(recorded: z.infer<typeof state>, context: ResourceContext): Promise<void> {
  const { registry, repository } = parseReference(recorded.name);
  const auth = await authOf(recorded, context);
  const scheme = /^(localhost|127\.[\d.]+|\[::1\])(:|$)/.test(registry) ? "http" : "https";
  const path = repository.slice(repository.indexOf("/") + 1);
  const response = await fetch(`${scheme}://${registry}/v2/${path}/manifests/${recorded.sha256Digest}`, {
    method: "DELETE",
    headers: auth && { authorization: `Basic ${btoa(`${auth.username ?? ""}:${auth.password ?? ""}`)}` },
    signal: context.signal,
  });
  if (response.ok || response.status === 404) return;
  throw new Error(
    `${registry} does not delete ${recorded.name} (HTTP ${response.status}): allow deletion there, or set keepRemotely: true`,
  );
}
