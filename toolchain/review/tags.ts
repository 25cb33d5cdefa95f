import { connect } from "../../provider/engine/engine.ts";
import { RegistryApi } from "../registry/api.ts";
import { readRegistry, registryContainer } from "../registry/platform.ts";
import { stackNames } from "../stack/names.ts";
import { pulumi } from "../stack/pulumi.ts";
import type { PulumiContext } from "../stack/pulumi.ts";

/** The repositories of the registry that are a stack's own, as its state names them. */
export async function repositoriesOf(context: PulumiContext, stack: string): Promise<string[]> {
  const { namespace } = await readRegistry(context);
  const state = await pulumi(context, "stack", "export", "--stack", stack);
  return repositoriesIn(state, namespace, stack);
}

/** Finds names such as `slipway/review-x/website` in a text. */
export function repositoriesIn(text: string, namespace: string, stack: string): string[] {
  const names = text.matchAll(new RegExp(`/(${namespace}/${stack}/[a-z0-9][a-z0-9._-]*)[@:"]`, "g"));
  return [...new Set([...names].map(([, name = ""]) => name))].sort();
}

/**
 * Removes the images of an environment that is gone, and their tags with them. One that another stack took over, or can go
 * back to, stays with its tags. `npm run gc` frees the space.
 */
export async function removeTags(context: PulumiContext, repositories: readonly string[]): Promise<void> {
  if (repositories.length === 0) return;
  const { host, namespace, auth } = await readRegistry(context);
  const docker = await connect({ config: { host: host ?? context.environment.DOCKER_HOST } });
  const api = new RegistryApi(await registryContainer(docker, namespace), auth);
  try {
    const stacks = await stackNames(context);
    const states = await Promise.all(stacks.map((stack) => pulumi(context, "stack", "export", "--stack", stack)));
    // By name and digest: another environment may have built the same, in a repository of its own.
    const isUsed = (image: string) => states.some((state) => state.includes(`/${image}`));
    for (const repository of repositories) {
      const digests = new Set((await api.tags(repository)).values());
      for (const digest of digests) if (!isUsed(`${repository}@${digest}`)) await api.remove(repository, digest);
    }
  } finally {
    api.close();
  }
}
