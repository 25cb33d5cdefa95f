import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";
import { website } from "./shared/website.ts";

/** Where the next version is tried out. */
export default defineEnvironment({
  domain: `dev.${settings.domain}`,
  ...website({ replicas: 1 }),
});
