import type { z } from "zod";
import type { releaseInputs } from "./release/inputs.ts";

/** Inputs of {@link release}. */
export type ReleaseInputs = z.input<typeof releaseInputs>;
