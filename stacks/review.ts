import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";
import { website } from "./shared/website.ts";

/** One branch under review: serves every stack called `review-*`. */
export default defineEnvironment({
  domain: `${settings.stack}.${settings.domain}`,
  ...website({ replicas: 1 }),
});
