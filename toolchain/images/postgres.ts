import { appendFile, mkdir, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { linkBusybox } from "./busybox.ts";
import type { ImageRecipe } from "./recipe.ts";

const PROGRAMS = "/usr/lib/postgresql/15/bin";
const DATA = "var/lib/postgresql/data";

/** PostgreSQL of Debian, with the user and the directories of `postgres:17`, in whose place it stands. */
export const postgres: ImageRecipe = {
  reference: "slipway-stand-in/postgres:15",
  packages: ["postgresql-15", "dash", "coreutils", "busybox-static"],
  customise: async (root) => {
    await linkBusybox(root);
    await removeCompiler(root);
    await appendFile(join(root, "etc/passwd"), "postgres:x:999:999::/var/lib/postgresql:/bin/sh\n");
    await appendFile(join(root, "etc/group"), "postgres:x:999:\n");
    await mkdir(join(root, DATA), { recursive: true });
    await mkdir(join(root, "run/postgresql"), { recursive: true });
    // Packages of today leave the link to the machine's first installation.
    await rm(join(root, "var/run"), { recursive: true, force: true });
    await symlink("/run", join(root, "var/run"));
  },
  owners: { [DATA]: 999, "run/postgresql": 999 },
  changes: [`ENV PATH=${PROGRAMS}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`, "EXPOSE 5432"],
};

/** LLVM is larger than all the rest; without it queries are not compiled, which the server copes with. */
async function removeCompiler(root: string): Promise<void> {
  const library = join(root, "usr/lib/postgresql/15/lib");
  const own = (await readdir(library)).filter((name) => /^(llvmjit|bitcode)/.test(name));
  const [architecture = ""] = (await readdir(join(root, "usr/lib"))).filter((name) => name.endsWith("-linux-gnu"));
  const shared = join(root, "usr/lib", architecture);
  const llvm = (await readdir(shared)).filter((name) => name.startsWith("libLLVM"));
  const paths = [...own.map((name) => join(library, name)), ...llvm.map((name) => join(shared, name))];
  await Promise.all(paths.map((path) => rm(path, { recursive: true })));
}
