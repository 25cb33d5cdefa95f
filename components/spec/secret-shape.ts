import { z } from "zod";
import { modeText, userText } from "./mount-shape.ts";
import { eitherShape, must, settings } from "./rules.ts";
import type { Secret, SecretFile } from "./secret.ts";

/** What a file is called, in the directory of secrets and in a container. */
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;
const NAME = /^[A-Za-z][A-Za-z0-9]{0,39}$/;

/** A secret as `secret("…")`, `generated("…")` and `secretFile("…")` make it. */
export const secretShape = z
  .strictObject(
    { kind: z.literal("secret"), name: z.string(), from: z.enum(["configuration", "generator", "file"]) },
    // The value is not shown: it may be a password.
    {
      error: 'must be secret("…"), generated("…") or secretFile("…"); a password has no place in a file of the project',
    },
  )
  .refine(({ name, from }: Secret) => (from === "file" ? FILE_NAME : NAME).test(name), {
    error: ({ input }) => {
      const { name, from } = input as Secret;
      const rule = from === "file" ? "up to 100 letters, digits and ._-" : "1 to 40 letters and digits";
      return must(`be named with ${rule}`).error({ input: name });
    },
  });

/** A secret that is a file of somebody. */
const ownedFile = settings("a secret file", {
  secret: secretShape,
  owner: userText.optional(),
  mode: modeText.optional(),
})
  .refine(({ owner, mode }) => mode === undefined || owner !== undefined, {
    error: "must be set with mode, got nothing: root would own the file, and the program is another user",
    path: ["owner"],
  })
  .transform(({ secret, owner, mode }): SecretFile => ({ ...secret, owner, mode }));

/** Secrets by the name of the file that shows each to a program. */
export const secretFilesShape = z.record(
  z.string(),
  eitherShape((file) => typeof file === "object" && file !== null && "secret" in file, ownedFile, secretShape),
  must("be an object of secrets by file name"),
);

/** Whether a text can name a file of secrets; `.previous` is the name of a rotated one's earlier value. */
export function isSecretFileName(name: string): boolean {
  return FILE_NAME.test(name) && !name.endsWith(".previous");
}
