import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { execa } from "execa";
import getPort from "get-port";
import { gofakes3 } from "../../toolchain/needs/gofakes3.ts";
import { provide } from "./provide.ts";

/** An empty bucket on a server that speaks S3, in memory. It takes any key. */
export interface TestBucket {
  name: string;
  /** Its server's address, as containers of the engine reach it. */
  endpoint: string;
  /** Keys of what is in it. */
  keys: () => Promise<string[]>;
  stop: () => Promise<void>;
}

const NAME = "images";

/** Starts a server with a bucket, on the address that the engine's machine has for its containers. */
export async function startBucket(docker: Docker): Promise<TestBucket> {
  const program = await provide(gofakes3);
  const address = `${await addressForContainers(docker)}:${await getPort()}`;
  const server = execa(program, ["-backend", "memory", "-host", address, "-initialbucket", NAME], { reject: false });
  const list = () => fetch(`http://${address}/${NAME}?list-type=2`).then((answer) => answer.text());
  for (let attempt = 0; !(await list().catch(() => undefined)); attempt++) {
    if (attempt === 100) throw new Error(`no S3 server answers at ${address}`);
    await sleep(100);
  }
  return {
    name: NAME,
    endpoint: `http://${address}`,
    keys: async () => [...(await list()).matchAll(/<Key>([^<]*)</g)].map(([, key = ""]) => key),
    async stop() {
      server.kill();
      await server;
    },
  };
}

/** The engine does not tell the address where its network has one of the engine's own choice: it is the first one. */
async function addressForContainers(docker: Docker): Promise<string> {
  const { IPAM: addresses } = await docker.getNetwork("bridge").inspect();
  const [{ Gateway: gateway, Subnet: subnet = "172.17.0.0/16" } = {}] = addresses?.Config ?? [];
  return gateway ?? subnet.replace(/\d+\/\d+$/, "1");
}
