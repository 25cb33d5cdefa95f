import { z } from "zod";

/** One build of an image, as its resource keeps it on record. */
export const buildRecord = z.object({
  /** `sha256:…` */
  digest: z.string(),
  /** Tags that the build has put on it. */
  tags: z.array(z.string()),
  /** When it was built; ISO 8601, UTC. */
  at: z.string(),
  by: z.string().optional(),
  where: z.string().optional(),
  branch: z.string().optional(),
});
