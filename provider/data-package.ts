import { z } from "zod";
import { dockerName, label } from "./names.ts";

const inputs = z.object({
  /** Namespace of the environment. */
  namespace: label,
  /** Volume that the package is delivered into, by name. A change replaces. */
  volume: dockerName,
  /** Directory on the machine that runs Pulumi; absolute. */
  directory: z.string().startsWith("/", "must be an absolute path"),
  /** An image that the engine has, with `sh`, `ln` and `mv`; used for moments, to switch the package. */
  helperImage: z.string().min(1, "must be an image reference"),
  /** Hash of the directory's content; computed. */
  digest: z.string(),
});

/** Inputs of {@link dataPackage}. */
export type DataPackageInputs = Omit<z.input<typeof inputs>, "digest">;
