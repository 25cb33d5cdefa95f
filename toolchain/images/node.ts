import { appendFile, copyFile, cp, mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { REPOSITORY } from "../places.ts";
import { linkBusybox } from "./busybox.ts";
import type { ImageRecipe } from "./recipe.ts";

const NPM = "npm@11.19.1";
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** Node 24 and npm from the package registry, in the place of `node:24-bookworm-slim`. */
export const node: ImageRecipe = {
  reference: "slipway-stand-in/node:24",
  packages: ["dash", "coreutils", "libstdc++6", "busybox-static"],
  customise: async (root) => {
    await linkBusybox(root);
    await cp(join(REPOSITORY, "node_modules/node/bin/node"), join(root, "usr/local/bin/node"));
    await addNpm(root);
    await addUser(root);
    // A build inside a container has to trust whom this machine trusts, or packages cannot be had through its proxy.
    await mkdir(join(root, "etc/ssl/certs"), { recursive: true });
    await copyFile(CERTIFICATES, join(root, CERTIFICATES));
  },
  owners: { "home/node": 1000 },
  changes: ['CMD ["node"]', `ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`, `ENV NODE_VERSION=${process.versions.node}`],
};

async function addNpm(root: string): Promise<void> {
  const scratch = join(root, "tmp/npm");
  await mkdir(scratch, { recursive: true });
  await execa("npm", ["pack", NPM, "--silent", "--pack-destination", scratch], { cwd: scratch });
  const [archive] = await readdir(scratch);
  const target = join(root, "usr/local/lib/node_modules/npm");
  await mkdir(target, { recursive: true });
  await execa("tar", ["-xzf", join(scratch, archive ?? ""), "--strip-components=1", "-C", target]);
  for (const name of ["npm", "npx"]) {
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, "usr/local/bin", name));
  }
}

async function addUser(root: string): Promise<void> {
  await appendFile(join(root, "etc/passwd"), "node:x:1000:1000::/home/node:/bin/sh\n");
  await appendFile(join(root, "etc/group"), "node:x:1000:\n");
  await mkdir(join(root, "home/node"), { recursive: true });
}
