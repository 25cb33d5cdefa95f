import { z } from "zod";
import { connect, unlessGone } from "./engine/engine.ts";
import { dockerName } from "./names.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { defineResource } from "./plugin/resource.ts";

const inputs = z.object({
  /** Volume by name. A change replaces. */
  volume: dockerName,
  /** Stack whose it is, for people. */
  from: z.string(),
});

/** Inputs of {@link sharedVolume}. */
export type SharedVolumeInputs = z.input<typeof inputs>;

/** A volume that another stack has made: it has to be there, since an engine makes an empty one for a name that it does not know. */
export const sharedVolume = defineResource({
  inputs,
  state: inputs,
  check: (news) => checkInputs(inputs, news),
  async create({ volume, from }, context) {
    const docker = await connect(context);
    if (!(await unlessGone(docker.getVolume(volume).inspect()))) {
      throw new Error(
        `volume: the engine has no volume ${volume}; deploy the stack ${from}, on the same engine, first`,
      );
    }
    return { id: volume, state: { volume, from } };
  },
  async read(id, state, context) {
    const docker = await connect(context);
    return (await unlessGone(docker.getVolume(id).inspect())) ? { state } : undefined;
  },
});
