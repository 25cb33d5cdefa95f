import { setTimeout as sleep } from "node:timers/promises";
import type { VolumeArgs } from "@pulumi/docker";
import type { VolumeInspectInfo } from "dockerode";
import { z } from "zod";
import { defineResource } from "../../../provider/plugin/resource.ts";
import type { Properties } from "../../../provider/plugin/resource.ts";
import { bridged } from "./bridged.ts";
import { connect, inspectIfThere, isNotFound, statusOf } from "../../../provider/engine/engine.ts";
import { fromLabels, labels, toLabels } from "./labels.ts";
import { RULES } from "./rules.ts";

const RELEASE_SECONDS = 30;
const POLL_MILLISECONDS = 200;

const shape = {
  name: z.string(),
  driver: z.string().optional(),
  driverOpts: z.record(z.string(), z.string()).optional(),
  labels,
} satisfies Partial<Record<keyof VolumeArgs, z.ZodType>>;

/** A volume. Its id is its name; one that is there already is adopted, with its content. */
export const volume = defineResource({
  inputs: z.object(shape),
  state: z.object({ name: z.string() }),
  ...bridged(RULES.volume, z.strictObject(shape)),
  create: async (inputs, context) => {
    const docker = await connect(context);
    await docker.createVolume({
      Name: inputs.name,
      Driver: inputs.driver,
      DriverOpts: inputs.driverOpts,
      Labels: toLabels(inputs.labels),
    });
    return { id: inputs.name, state: outputs(await docker.getVolume(inputs.name).inspect()) };
  },
  read: async (id, state, context, inputs) => {
    const docker = await connect(context);
    const info = await inspectIfThere(docker.getVolume(id));
    if (!info) return undefined;
    const isImport = Object.keys(inputs).length === 0;
    const found = isImport ? importedInputs(info) : inputs;
    return { inputs: found, state: { ...state, ...found, ...outputs(info) } };
  },
  delete: async (id, _state, context) => {
    const docker = await connect(context);
    const deadline = performance.now() + RELEASE_SECONDS * 1000;
    for (;;) {
      try {
        await docker.getVolume(id).remove({ force: true });
        return;
      } catch (error) {
        if (isNotFound(error)) return;
        if (statusOf(error) !== 409) throw error;
        if (performance.now() > deadline) {
          const users = await docker.listContainers({ all: true, filters: { volume: [id] } });
          const names = users.map(({ Names: [name = ""] }) => name.slice(1)).join(", ");
          throw new Error(`volume ${id} is still used by ${names} after ${RELEASE_SECONDS} s: remove them first`, {
            cause: error,
          });
        }
        context.progress("waiting until the last container has let go");
        await sleep(POLL_MILLISECONDS, undefined, { signal: context.signal });
      }
    }
  },
});

function outputs({ Name, Driver, Mountpoint }: VolumeInspectInfo): Properties {
  return { name: Name, driver: Driver, mountpoint: Mountpoint };
}

function importedInputs({ Name, Driver, Labels }: VolumeInspectInfo): Properties {
  return {
    name: Name,
    driver: Driver === "local" ? undefined : Driver,
    labels: fromLabels(Labels),
  };
}
