import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";
import { website } from "./shared/website.ts";

/** What the default branch has, before visitors see it. */
export default defineEnvironment({
  domain: `preprod.${settings.domain}`,
  ...website({ replicas: 1 }),
});
