import { definePlatform } from "../components/index.ts";
import { settings } from "./settings.ts";

/** What all environments on one engine share. */
export default definePlatform({
  domain: settings.domain,
  ports: { ...settings.ports, environments: settings.environmentPorts },
  registry: { port: settings.registryPort, host: settings.registryHost },
});
