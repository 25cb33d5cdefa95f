import type { EnvironmentInput } from "../../components/index.ts";
import { settings } from "../settings.ts";

/** What every environment of the website has; a stack file adds its domain and what it wants otherwise. */
export function website(options: { replicas: number }): Pick<EnvironmentInput, "services" | "volumes"> {
  return {
    services: {
      website: {
        build: { context: "examples/website", args: { NODE_IMAGE: settings.images.node } },
        port: 8080,
        routes: ["website"],
        replicas: options.replicas,
        health: { path: "/fr" },
        mounts: { articles: "/data", logs: "/var/log/website" },
        memoryMb: 128,
      },
    },
    volumes: {
      articles: { package: "examples/website/data" },
      logs: {},
    },
  };
}
