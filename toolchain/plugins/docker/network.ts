import { setTimeout as sleep } from "node:timers/promises";
import type { NetworkArgs } from "@pulumi/docker";
import type { Network, NetworkInspectInfo } from "dockerode";
import { z } from "zod";
import { defineResource } from "../../../provider/plugin/resource.ts";
import type { Properties } from "../../../provider/plugin/resource.ts";
import { bridged } from "./bridged.ts";
import { connect, inspectIfThere, isNotFound, reasonOf, statusOf } from "../../../provider/engine/engine.ts";
import { fromLabels, labels, toLabels } from "./labels.ts";
import { RULES } from "./rules.ts";

const RELEASE_SECONDS = 30;
const POLL_MILLISECONDS = 200;

const options = z.record(z.string(), z.string()).optional();
const shape = {
  name: z.string(),
  driver: z.string().optional(),
  internal: z.boolean().optional(),
  attachable: z.boolean().optional(),
  ipv6: z.boolean().optional(),
  ipamDriver: z.string().optional(),
  ipamOptions: options,
  ipamConfigs: z
    .array(
      z.strictObject({
        subnet: z.string().optional(),
        gateway: z.string().optional(),
        ipRange: z.string().optional(),
        auxAddress: options,
      }),
    )
    .optional(),
  options,
  labels,
} satisfies Partial<Record<keyof NetworkArgs, z.ZodType>>;

/** A network. Its id is the engine's. */
export const network = defineResource({
  inputs: z.object(shape),
  state: z.object({ name: z.string() }),
  ...bridged(RULES.network, z.strictObject(shape)),
  create: async (inputs, context) => {
    const docker = await connect(context);
    try {
      const made = await docker.createNetwork({
        Name: inputs.name,
        // Else an older engine makes a second network of that name, and no container can tell them apart.
        CheckDuplicate: true,
        Driver: inputs.driver ?? "bridge",
        Internal: inputs.internal,
        Attachable: inputs.attachable,
        EnableIPv6: inputs.ipv6,
        IPAM: {
          Driver: inputs.ipamDriver ?? "default",
          Options: inputs.ipamOptions,
          Config: inputs.ipamConfigs?.map(({ subnet, gateway, ipRange, auxAddress }) => ({
            Subnet: subnet,
            Gateway: gateway,
            IPRange: ipRange,
            AuxiliaryAddresses: auxAddress,
          })),
        },
        Options: inputs.options,
        Labels: toLabels(inputs.labels),
      });
      return { id: made.id, state: outputs(await inspect(made)) };
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      throw new Error(
        `name: a network named "${inputs.name}" is there already: remove it, leave out name, or import it by its id`,
        { cause: error },
      );
    }
  },
  read: async (id, state, context, inputs) => {
    const docker = await connect(context);
    const info = await inspectIfThere({ inspect: () => inspect(docker.getNetwork(id)) });
    if (!info) return undefined;
    const isImport = Object.keys(inputs).length === 0;
    const found = isImport ? importedInputs(info) : inputs;
    return { id: info.Id, inputs: found, state: { ...state, ...found, ...outputs(info) } };
  },
  delete: async (id, _state, context) => {
    const docker = await connect(context);
    const deadline = performance.now() + RELEASE_SECONDS * 1000;
    for (;;) {
      try {
        await docker.getNetwork(id).remove();
        return;
      } catch (error) {
        if (isNotFound(error)) return;
        const inUse = reasonOf(error).includes("has active endpoints");
        if (!inUse || performance.now() > deadline) throw await explain(docker.getNetwork(id), error, inUse);
        context.progress("waiting until the last container has left");
        await sleep(POLL_MILLISECONDS, undefined, { signal: context.signal });
      }
    }
  },
});

async function explain(used: Network, error: unknown, inUse: boolean): Promise<unknown> {
  if (!inUse) return error;
  const { Name, Containers = {} } = await inspect(used);
  const names = Object.values(Containers).map((attached) => attached.Name);
  return new Error(
    `network ${Name} is still used by ${names.join(", ")} after ${RELEASE_SECONDS} s: ` +
      "remove them, or disconnect them with `docker network disconnect`",
    { cause: error },
  );
}

async function inspect(made: Network): Promise<NetworkInspectInfo> {
  // @types/dockerode knows no shape for it.
  const info: NetworkInspectInfo = await made.inspect();
  return info;
}

function outputs({ Name, Driver, Scope, Internal, Options, IPAM }: NetworkInspectInfo): Properties {
  const ipamConfigs = IPAM?.Config?.map(({ Subnet, Gateway, IPRange }) => ({
    subnet: Subnet,
    gateway: Gateway,
    ipRange: IPRange,
  }));
  return { name: Name, driver: Driver, scope: Scope, internal: Internal, options: Options, ipamConfigs };
}

function importedInputs({ Name, Driver, Internal, Labels }: NetworkInspectInfo): Properties {
  return {
    name: Name,
    driver: Driver === "bridge" ? undefined : Driver,
    internal: Internal || undefined,
    labels: fromLabels(Labels),
  };
}
