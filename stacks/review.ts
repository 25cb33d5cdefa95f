import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";
import { website } from "./shared/website.ts";

const slug = settings.stack.replace(/^review-/, "");

/** One branch under review: serves every stack called `review-*`. Nobody misses its data when it goes. */
export default defineEnvironment({
  domain: `${slug}.${settings.domain}`,
  keepData: false,
  ...website({ replicas: 1, route: "@" }),
});
