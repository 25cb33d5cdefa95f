import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";
import { website } from "./shared/website.ts";

/** What visitors see: the very images that preprod runs. */
export default defineEnvironment({
  domain: `prod.${settings.domain}`,
  ...website({ replicas: 2, promotedFrom: "preprod" }),
});
