import { resolve as absolute } from "node:path";
import { z } from "zod";
import { projectPath } from "./build-shape.ts";
import { type Fault, pathOf } from "./error.ts";
import { modeText, userText } from "./mount-shape.ts";
import { flag, must, settings, text } from "./rules.ts";
import type { Sketch } from "./sketch.ts";
import type { Volume } from "./volume.ts";

const SHARE = /^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/;

/** Shape of a volume. */
export const volumeShape = settings("a volume", {
  package: projectPath.optional(),
  owner: userText.optional(),
  mode: modeText.optional(),
  shareFrom: text((value) => SHARE.test(value), 'be a stack and its volume, such as "prod/uploads"').optional(),
  readOnly: flag().optional(),
});

/** Shape of the volumes of an environment. */
export const volumesShape = z.record(z.string(), volumeShape, must("be an object of volumes by name"));

/** A checked volume, its paths absolute. */
export function resolveVolume(written: z.output<typeof volumeShape>, root: string): Volume {
  const { shareFrom, readOnly = true, owner, mode } = written;
  if (written.package !== undefined) return { kind: "package", directory: absolute(root, written.package) };
  if (shareFrom === undefined)
    return { kind: "data", ...(owner !== undefined && { owner }), ...(mode !== undefined && { mode }) };
  const [stack = "", volume = ""] = shareFrom.split("/");
  return { kind: "shared", stack, volume, readOnly };
}

/** Checks how the settings of each volume go together. Pure. */
export function volumeFaults(volumes: Sketch["volumes"]): Fault[] {
  return Object.entries(volumes).flatMap(([name, volume]) => {
    if (volume === undefined) return [];
    const fault = (key: string, message: string) => ({ path: pathOf(["volumes", name, key]), message });
    const set = (["owner", "mode", "shareFrom"] as const).filter((key) => volume[key] !== undefined);
    const own = set.filter((key) => key !== "shareFrom");
    if (volume.package !== undefined) {
      return set.map((key) =>
        fault(key, "must not be set with package, whose content is delivered for everyone to read"),
      );
    }
    if (volume.shareFrom !== undefined) {
      return own.map((key) => fault(key, "must not be set with shareFrom: the other stack decides"));
    }
    return volume.readOnly === undefined
      ? []
      : [fault("readOnly", "must not be set without shareFrom: say it of a mount, mounts: { … { path, readOnly } }")];
  });
}
