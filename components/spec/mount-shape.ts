import { posix } from "node:path";
import { z } from "zod";
import { eitherShape, flag, integer, must, settings, text } from "./rules.ts";
import type { Mount } from "./mount.ts";

/** An absolute path in a container, other than its root. */
export const containerPath = text(isAbsolutePath, 'be an absolute path in the container, such as "/data"');

/** A numeric user, with or without a group. */
export const userText = text((value) => /^[0-9]+(:[0-9]+)?$/.test(value), 'be numeric, such as "1000" or "1000:1000"');

/** Permissions in octal digits. */
export const modeText = text((value) => /^[01]?[0-7]{3}$/.test(value), 'be an octal mode, such as "0750"');

/** A directory of the engine's machine. */
export const hostDirectory = text(
  (value) => value === "/" || isAbsolutePath(value),
  'be an absolute path on the engine\'s machine, such as "/srv/photos"',
);

/** A mount that is written as an object. */
export const mountSettings = settings("a mount", {
  path: containerPath,
  readOnly: flag().optional(),
  directory: hostDirectory.optional(),
  sizeMb: integer(1, 1_048_576, "MiB").optional(),
  mode: modeText.optional(),
  owner: userText.optional(),
});

/** Shape of a mount: its path, or an object of settings. */
export const mountShape = eitherShape(
  (mount) => typeof mount === "object" && mount !== null,
  mountSettings,
  containerPath.transform((path): z.output<typeof mountSettings> => ({ path })),
);

/** Shape of a program's mounts. */
export const mountsShape = z.record(z.string(), mountShape, must("be an object of paths in the container by volume"));

/** A mount as it was written, with its default settings filled in. */
export function mountOf(name: string, written: z.output<typeof mountShape>): Mount {
  const { path, directory, sizeMb, readOnly, mode = "1777", owner } = written;
  if (directory !== undefined) return { kind: "directory", path, directory, readOnly: readOnly ?? true };
  if (sizeMb !== undefined) return { kind: "memory", path, sizeMb, mode, owner };
  return { kind: "volume", volume: name, path, readOnly: readOnly ?? false };
}

function isAbsolutePath(value: string): boolean {
  return /^(\/[\w.@+-]+)+$/.test(value) && posix.normalize(value) === value;
}
