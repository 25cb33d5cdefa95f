import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { linkBusybox } from "./busybox.ts";
import type { ImageRecipe } from "./recipe.ts";

/** HAProxy of Debian, with a shell and small tools, in the place of `haproxy:3.2-alpine`. */
export const haproxy: ImageRecipe = {
  reference: "slipway-stand-in/haproxy:2.6",
  packages: ["haproxy", "busybox-static"],
  customise: async (root) => {
    await linkBusybox(root);
    await appendFile(join(root, "etc/passwd"), "haproxy:x:99:99::/var/lib/haproxy:/sbin/nologin\n");
    await appendFile(join(root, "etc/group"), "haproxy:x:99:\n");
  },
  changes: ['CMD ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]', "USER haproxy"],
};
