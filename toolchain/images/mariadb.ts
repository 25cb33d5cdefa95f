import { appendFile, mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { linkBusybox } from "./busybox.ts";
import type { ImageRecipe } from "./recipe.ts";

const DATA = "var/lib/mysql";

/** MariaDB of Debian, with the user and the directories of `mariadb:11.4`, in whose place it stands. */
export const mariadb: ImageRecipe = {
  reference: "slipway-stand-in/mariadb:10.11",
  packages: ["mariadb-server-core", "mariadb-client", "mariadb-backup", "dash", "coreutils", "busybox-static"],
  customise: async (root) => {
    await linkBusybox(root);
    await appendFile(join(root, "etc/passwd"), "mysql:x:999:999::/var/lib/mysql:/bin/sh\n");
    await appendFile(join(root, "etc/group"), "mysql:x:999:\n");
    await rm(join(root, DATA), { recursive: true, force: true });
    await mkdir(join(root, DATA), { recursive: true });
    await mkdir(join(root, "run/mysqld"), { recursive: true });
    await rm(join(root, "var/run"), { recursive: true, force: true });
    await symlink("/run", join(root, "var/run"));
  },
  owners: { [DATA]: 999, "run/mysqld": 999 },
  changes: ["EXPOSE 3306"],
};
