import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";
import { website } from "./shared/website.ts";

/** What visitors see. */
export default defineEnvironment({
  domain: `prod.${settings.domain}`,
  ...website({ replicas: 2 }),
});
