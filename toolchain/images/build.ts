import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { runApt } from "../apt.ts";
import { makeWhole } from "../files.ts";
import type { ImageRecipe } from "./recipe.ts";

// What packages need to be configured by dpkg, which never runs here.
const MAINTENANCE = /^(adduser|debconf|dpkg|init-system-helpers|lsb-base|passwd|sysvinit-utils|usrmerge|.*perl.*)_/;
const NEVER_READ = ["usr/share/doc", "usr/share/info", "usr/share/lintian", "usr/share/locale", "usr/share/man"];

/** Makes the archive of an image from packages of the machine's own apt sources. Needs no privileges. */
export async function buildArchive(recipe: ImageRecipe, archive: string): Promise<void> {
  await makeWhole(archive, async (unfinished) => {
    const workplace = `${unfinished}.d`;
    try {
      const root = join(workplace, "root");
      await prepareRoot(root);
      await unpackPackages(recipe.packages, workplace, root);
      await Promise.all(NEVER_READ.map((path) => rm(join(root, path), { recursive: true, force: true })));
      await recipe.customise(root);
      await rm(join(root, "tmp"), { recursive: true, force: true });
      await mkdir(join(root, "tmp"));
      await chmod(join(root, "tmp"), 0o1777);
      await pack(root, unfinished, recipe.owners ?? {});
    } finally {
      await rm(workplace, { recursive: true, force: true });
    }
  });
}

async function pack(root: string, archive: string, owners: Readonly<Record<string, number>>): Promise<void> {
  const others = Object.keys(owners).map((path) => `--exclude=./${path}`);
  const common = ["--numeric-owner", "--file", archive, "--directory", root];
  await execa("tar", ["--create", ...common, "--owner=0", "--group=0", ...others, "."]);
  for (const [path, id] of Object.entries(owners)) {
    await execa("tar", ["--append", ...common, `--owner=${id}`, `--group=${id}`, `./${path}`]);
  }
}

/** What the image of a recipe depends on, as a short hash: the recipe, what all share, and the certificates that one takes in. */
export async function recipeVersion(name: string): Promise<string> {
  const hash = createHash("sha256");
  for (const file of ["build.ts", "busybox.ts", `${name}.ts`])
    hash.update(await readFile(join(import.meta.dirname, file)));
  hash.update(await readFile("/etc/ssl/certs/ca-certificates.crt").catch(() => ""));
  return hash.digest("hex").slice(0, 12);
}

async function prepareRoot(root: string): Promise<void> {
  await mkdir(join(root, "usr/local/bin"), { recursive: true });
  await mkdir(join(root, "etc"));
  // Packages of today expect the merged /usr and do not make it.
  for (const name of ["bin", "sbin", "lib", "lib64"]) {
    await mkdir(join(root, "usr", name));
    await symlink(`usr/${name}`, join(root, name));
  }
  await writeFile(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  await writeFile(join(root, "etc/group"), "root:x:0:\n");
}

async function unpackPackages(packages: readonly string[], workplace: string, root: string): Promise<void> {
  const archives = join(workplace, "archives");
  const noPackages = join(workplace, "status");
  await mkdir(join(archives, "partial"), { recursive: true });
  await writeFile(noPackages, "");
  // With no package taken for installed, apt fetches all that these need.
  const options = [`Dir::State::status=${noPackages}`, `Dir::Cache::archives=${archives}`, "Debug::NoLocking=1"];
  const settings = [...options, "APT::Sandbox::User="].flatMap((option) => ["-o", option]);
  await runApt(["install", "--yes", "--download-only", "--no-install-recommends", ...settings, ...packages]);
  const files = (await readdir(archives)).filter((file) => file.endsWith(".deb") && !MAINTENANCE.test(file));
  for (const file of files) {
    const contents = execa("dpkg-deb", ["--fsys-tarfile", join(archives, file)], { encoding: "buffer", buffer: false });
    await contents.pipe("tar", ["--extract", "--keep-directory-symlink", "--directory", root]);
  }
}
