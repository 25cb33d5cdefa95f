import { z } from "zod";

/** What was thrown, in words: of checked inputs each fault, of several errors each one's, whatever it is. */
export function describe(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.message === "") return error.errors.map(describe).join("; ");
  return error.message;
}
