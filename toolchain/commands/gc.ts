import { connect } from "../../provider/engine/engine.ts";
import { runningProxy } from "../../provider/proxy/container.ts";
import { ExitCode } from "../errors.ts";
import type { Places } from "../places.ts";
import { RegistryApi } from "../registry/api.ts";
import { removeBlobs, takeInventory } from "../registry/collect.ts";
import { findInUse } from "../registry/in-use.ts";
import { readRegistry, registryContainer } from "../registry/platform.ts";
import { jsonOf, textOf } from "../registry/report.ts";
import { abandonedBy, decide } from "../registry/retention.ts";
import { whileReadOnly } from "../registry/writes.ts";
import { stackNames } from "../stack/names.ts";

/**
 * Removes from the registry what nobody deploys, no version names, and age and number do not keep; with `dryRun` only
 * says what that would be. The registry takes no pushes meanwhile.
 *
 * @throws {UserError} when it cannot be told what is deployed, or the registry does not run.
 */
export async function collectGarbage(
  { dryRun, json }: { dryRun: boolean; json: boolean },
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const context = { places, environment };
  const { host, namespace, keep, auth } = await readRegistry(context);
  const docker = await connect({ config: { host: host ?? environment.DOCKER_HOST } });
  const container = await registryContainer(docker, namespace);
  const api = new RegistryApi(container, auth);
  const look = async () => {
    const { images, blobs } = await takeInventory(container, api);
    const stacks = await stackNames(context);
    const used = await findInUse(stacks, docker, context);
    const isAbandoned = abandonedBy(namespace, stacks);
    return { blobs, verdicts: decide(images, { retention: keep, used, isAbandoned, now: Date.now() }) };
  };
  const collect = async () => {
    const found = await look();
    const superfluous = found.verdicts.filter(({ kept }) => kept === undefined);
    for (const { repository, digest } of superfluous) await api.remove(repository, digest);
    if (found.verdicts.length > 0) await removeBlobs(container);
    return found;
  };
  try {
    const proxy = await runningProxy(docker, namespace);
    const { blobs, verdicts } = dryRun ? await look() : await whileReadOnly(proxy, collect);
    output.write(json ? jsonOf(verdicts, blobs, dryRun) : textOf(verdicts, blobs, dryRun, output));
    return ExitCode.done;
  } finally {
    api.close();
  }
}
