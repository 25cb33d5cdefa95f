import { servePlugin } from "../../../provider/plugin/serve.ts";
import { dockerPlugin } from "./plugin.ts";

void servePlugin(dockerPlugin);
