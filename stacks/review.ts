import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";
import { website } from "./shared/website.ts";

const { domain, port } = settings;
const slug = settings.stack.replace(/^review-/, "");

/** One branch under review: serves every stack called `review-*`. Nobody misses its data when it goes. */
export default defineEnvironment({
  // Without wildcard DNS the machine's own name has to do for all, with a port for each.
  ...(port === undefined ? { domain: `${slug}.${domain}` } : { domain, port }),
  keepData: false,
  ...website({ replicas: 1, route: "@" }),
});
