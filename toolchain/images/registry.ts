import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { linkBusybox } from "./busybox.ts";
import type { ImageRecipe } from "./recipe.ts";

// Read from the same place in registry:3, where settings of REGISTRY_* come on top as well.
const CONFIGURATION = `version: 0.1
storage:
  filesystem:
    rootdirectory: /var/lib/registry
  delete:
    enabled: true
http:
  addr: :5000
`;

/** The registry of Debian, with the program's name and configuration path of `registry:3`, in whose place it stands. */
export const registry: ImageRecipe = {
  reference: "slipway-stand-in/registry:2.8",
  packages: ["docker-registry", "busybox-static"],
  customise: async (root) => {
    await linkBusybox(root);
    await symlink("docker-registry", join(root, "usr/bin/registry"));
    await mkdir(join(root, "etc/distribution"), { recursive: true });
    await writeFile(join(root, "etc/distribution/config.yml"), CONFIGURATION);
  },
  changes: [
    'ENTRYPOINT ["registry"]',
    'CMD ["serve", "/etc/distribution/config.yml"]',
    "EXPOSE 5000",
    "VOLUME /var/lib/registry",
  ],
};
