import { readFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";

/**
 * Reads a secret of the machine that deploys.
 *
 * @param directory what `slipway:secretsDirectory` says; undefined where it says nothing.
 * @throws {Error} that names the secret and what to do: no directory is set, it is part of the project, or it has no such
 * file that can be read.
 */
export function readSecretFile(name: string, directory: string | undefined): Buffer {
  const place = `secretFile("${name}")`;
  if (directory === undefined) {
    throw new Error(
      `${place}: must have a directory to be read from, got none; ` +
        "pulumi config set --plaintext slipway:secretsDirectory /etc/slipway/secrets names one",
    );
  }
  if (!isAbsolute(directory) || isWithin(directory, process.cwd())) {
    throw new Error(
      `slipway:secretsDirectory: must be an absolute path outside of the project, got ${directory}; ` +
        "a secret in the project ends up in its repository",
    );
  }
  try {
    return readFileSync(join(directory, name));
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Error(
      `${place}: must be a file that can be read, got ${join(directory, name)} (${reason}); ` +
        "put it on the machine that deploys, readable for the user who does",
    );
  }
}

function isWithin(path: string, parent: string): boolean {
  const way = relative(parent, path);
  return !way.startsWith("..") && !isAbsolute(way);
}
