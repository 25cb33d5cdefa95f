import { setTimeout as sleep } from "node:timers/promises";
import type { TestPlatform } from "./harness.ts";

const NODE_IMAGE = process.env.SLIPWAY_IMAGE_NODE ?? "slipway-stand-in/node:24";
const ASK = `(async () => {
  for (;;) {
    const answer = await fetch(process.argv[1]).then(
      async (response) => (response.ok ? await response.text() : String(response.status)),
      (error) => String(error.cause ?? error),
    );
    console.log(answer);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
})()`;

/** Watches how many containers of a service run at once, until it is asked for the most. */
export function countRunning({ docker, namespace }: TestPlatform, service: string): () => Promise<number> {
  const filters = { name: [`${namespace}-${service}-`], status: ["running"] };
  const seen = { most: 0, watching: true };
  const done = (async () => {
    while (seen.watching) {
      seen.most = Math.max(seen.most, (await docker.listContainers({ filters })).length);
      await sleep(20);
    }
  })();
  return async () => {
    seen.watching = false;
    await done;
    return seen.most;
  };
}

/** Makes a network of another environment that the proxy is joined to under the name that it has in `dev`. */
export async function addNetwork(
  { docker, namespace, labels, proxyName }: TestPlatform,
  name: string,
): Promise<string> {
  const Name = `${namespace}-${name}`;
  const network = await docker.createNetwork({ Name, Labels: labels });
  await network.connect({ Container: proxyName, EndpointConfig: { Aliases: ["dev.slipway.internal"] } });
  return Name;
}

/** Asks an address again and again from a container on a network; what was answered until it is stopped, each once. */
export async function askFrom(
  { docker, labels }: TestPlatform,
  network: string,
  address: string,
): Promise<() => Promise<string[]>> {
  const container = await docker.createContainer({
    Image: NODE_IMAGE,
    Entrypoint: ["node", "-e", ASK, address],
    // Its log comes as it was printed.
    Tty: true,
    Labels: labels,
    HostConfig: { NetworkMode: network, Init: true },
  });
  await container.start();
  return async () => {
    await sleep(500);
    await container.stop({ t: 0 });
    const log = await container.logs({ stdout: true, stderr: true });
    const lines = log.toString().split(/\r?\n/);
    return [...new Set(lines.filter((line) => line !== ""))];
  };
}
