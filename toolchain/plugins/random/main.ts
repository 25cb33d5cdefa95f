import { servePlugin } from "../../../provider/plugin/serve.ts";
import { randomPlugin } from "./plugin.ts";

await servePlugin(randomPlugin);
