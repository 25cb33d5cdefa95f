import { readSettings } from "./settings.ts";
import { startSite } from "./server.ts";

const site = await startSite(readSettings(process.env));

// The first signal lets running answers finish; a second one ends the process at once.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void site.close());
