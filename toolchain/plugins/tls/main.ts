import { servePlugin } from "../../../provider/plugin/serve.ts";
import { tlsPlugin } from "./plugin.ts";

void servePlugin(tlsPlugin);
