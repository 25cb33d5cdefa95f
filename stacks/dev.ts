import { defineEnvironment } from "../components/index.ts";
import { website } from "./shared/website.ts";

/** Where the next version is tried out. */
export default defineEnvironment({
  domain: "dev.localhost",
  ...website({ replicas: 1 }),
});
