import { servePlugin } from "../../../provider/plugin/serve.ts";
import { randomPlugin } from "./plugin.ts";

void servePlugin(randomPlugin);
