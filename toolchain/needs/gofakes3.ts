import type { BuiltProgram } from "./built.ts";

/** A server that speaks S3, in which tests keep images and backups. It has no releases. */
export const gofakes3: BuiltProgram = {
  name: "gofakes3",
  version: "1.2.0",
  target: "github.com/johannesboyne/gofakes3/cmd/gofakes3",
};
