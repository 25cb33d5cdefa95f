import type Docker from "dockerode";
import type { Container } from "dockerode";
import { z } from "zod";
import { defineResource } from "../../../provider/plugin/resource.ts";
import type { Properties, ResourceContext } from "../../../provider/plugin/resource.ts";
import { bridged } from "./bridged.ts";
import { containerInputs, containerShape } from "./container-inputs.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import { containerOutputs, driftingInputs, importedInputs } from "./container-observed.ts";
import { createOptions, endpoint, updatableLimits } from "./container-options.ts";
import { startContainer } from "./container-start.ts";
import type { Finished } from "./container-start.ts";
import { connect, inspectIfThere, isNotFound, reasonOf, statusOf } from "../../../provider/engine/engine.ts";
import { findImage } from "../../../provider/image/pull.ts";
import { RULES } from "./rules.ts";
import { isInVolume, uploadFiles } from "./uploads.ts";

/** A container. Its id is the engine's. */
export const container = defineResource({
  inputs: containerInputs,
  state: z.object({
    attach: z.boolean().optional(),
    mustRun: z.boolean().optional(),
    destroyGraceSeconds: z.number().optional(),
    removeVolumes: z.boolean().optional(),
  }),
  ...bridged(RULES.container, z.strictObject(containerShape)),
  create: async (inputs, context) => {
    const docker = await connect(context);
    warnOfReadOnlyUploads(inputs, context);
    await findImage(docker, inputs.image, context, inputs.platform);
    const made = await createContainer(docker, inputs);
    try {
      const finished = await prepareAndStart(docker, made, inputs, context);
      return { id: made.id, state: { ...containerOutputs(await made.inspect()), ...finished } };
    } catch (error) {
      // Nothing half-made stays behind: the next `up` begins anew, and a named container blocks no other.
      await made.remove({ force: true, v: true }).catch(() => undefined);
      throw error;
    }
  },
  update: async (id, olds, inputs, context) => {
    const docker = await connect(context);
    const running = docker.getContainer(id);
    await running.update(updatableLimits(inputs));
    const starts = olds.mustRun === false && inputs.mustRun !== false && inputs.start !== false;
    const finished = starts ? await startContainer(docker, running, inputs, context) : {};
    return { ...containerOutputs(await running.inspect()), ...finished };
  },
  read: async (id, state, context, inputs) => {
    const docker = await connect(context);
    const info = await inspectIfThere(docker.getContainer(id));
    if (!info) return undefined;
    const isImport = Object.keys(inputs).length === 0;
    const found = isImport
      ? importedInputs(info, await docker.getImage(info.Image).inspect())
      : { ...inputs, ...drifted(inputs, driftingInputs(info)) };
    return { id: info.Id, inputs: found, state: { ...state, ...found, ...containerOutputs(info) } };
  },
  delete: async (id, state, context) => {
    const docker = await connect(context);
    const running = docker.getContainer(id);
    try {
      if (!state.attach) await stop(running, state.destroyGraceSeconds ?? 0, context);
      await running.remove({ force: true, v: state.removeVolumes ?? true });
    } catch (error) {
      // 409: another removal of it is under way already.
      if (!isNotFound(error) && statusOf(error) !== 409) throw error;
    }
  },
});

async function createContainer(docker: Docker, inputs: ContainerInputs): Promise<Container> {
  try {
    return await docker.createContainer(createOptions(inputs));
  } catch (error) {
    if (statusOf(error) !== 409) throw new Error(`container ${inputs.name}: ${reasonOf(error)}`, { cause: error });
    throw new Error(
      `name: a container named "${inputs.name}" is there already: remove it, leave out name, or import it by its id`,
      { cause: error },
    );
  }
}

async function prepareAndStart(
  docker: Docker,
  made: Container,
  inputs: ContainerInputs,
  context: ResourceContext,
): Promise<Finished> {
  for (const network of inputs.networksAdvanced?.slice(1) ?? []) {
    await docker.getNetwork(network.name).connect({ Container: made.id, EndpointConfig: endpoint(network) });
  }
  await uploadFiles(made, inputs);
  return inputs.start === false ? {} : startContainer(docker, made, inputs, context);
}

async function stop(running: Container, graceSeconds: number, context: ResourceContext): Promise<void> {
  try {
    if (graceSeconds > 0) context.progress(`stopping, for at most ${graceSeconds} s`);
    await running.stop({ t: graceSeconds });
  } catch (error) {
    // 304: it has stopped already.
    if (statusOf(error) !== 304) throw error;
  }
}

/** Takes over what was seen for those inputs that the user gave; `mustRun` counts by its default too. */
function drifted(inputs: Properties, seen: Properties): Properties {
  const wantsToRun = inputs.mustRun !== false && inputs.start !== false && inputs.attach !== true;
  const given = Object.fromEntries(
    Object.entries(seen).filter(([key]) => key !== "mustRun" && inputs[key] !== undefined),
  );
  return wantsToRun && seen.mustRun === false ? { ...given, mustRun: false } : given;
}

function warnOfReadOnlyUploads(inputs: ContainerInputs, context: ResourceContext): void {
  if (inputs.readOnly !== true || !inputs.uploads?.some(({ file }) => isInVolume(file, inputs))) return;
  context.warn(
    "uploads: the official docker plugin sends them to /, which engines refuse with readOnly: true; " +
      "this stand-in sends them to the volume that they lie in",
  );
}
