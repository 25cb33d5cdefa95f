import { z } from "zod";

/** Labels as the docker provider spells them. */
export const labels = z.array(z.strictObject({ label: z.string(), value: z.string() })).optional();

/** Labels as the engine wants them. */
export function toLabels(list: z.infer<typeof labels> = []): Record<string, string> {
  return Object.fromEntries(list.map(({ label, value }) => [label, value]));
}

/** Labels as the engine tells them, which says null for none; undefined when there are none. */
export function fromLabels(map: Record<string, string> | null | undefined): z.infer<typeof labels> {
  const list = Object.entries(map ?? {}).map(([label, value]) => ({ label, value }));
  return list.length > 0 ? list : undefined;
}
