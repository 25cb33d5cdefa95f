import { randomUUID } from "node:crypto";
import { access, constants, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Tells whether a file is there and may be run. */
export function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Finds a program on a search path, as a shell does. */
export async function findProgram(name: string, searchPath: string | undefined): Promise<string | undefined> {
  for (const directory of (searchPath ?? "").split(":")) {
    const file = join(directory, name);
    if (directory !== "" && (await isExecutable(file))) return file;
  }
  return undefined;
}

/**
 * Makes a directory or file as a whole or not at all: `make` fills a path beside the target, which is then moved into
 * place. A second process that was faster wins.
 */
export async function makeWhole(target: string, make: (unfinished: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const unfinished = `${target}.${randomUUID()}.unfinished`;
  try {
    await make(unfinished);
    await rename(unfinished, target).catch((error: unknown) => {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
