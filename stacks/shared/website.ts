import { fromStack } from "../../components/index.ts";
import type { EnvironmentInput } from "../../components/index.ts";
import { settings } from "../settings.ts";

/** What environments of the website differ in. */
export interface WebsiteOptions {
  replicas: number;
  /** Where the website is reached below the environment's domain. @default "website" */
  route?: string;
  /** Stack whose image is taken, so that the very same one is promoted. @default - it is built from examples/website */
  promotedFrom?: string;
}

/** What every environment of the website has; a stack file adds its domain and what it wants otherwise. */
export function website(options: WebsiteOptions): Pick<EnvironmentInput, "services" | "volumes"> {
  const { replicas, route = "website", promotedFrom } = options;
  const source =
    promotedFrom === undefined
      ? { build: { context: "examples/website", args: { NODE_IMAGE: settings.images.node } } }
      : { image: fromStack(promotedFrom, "website") };
  return {
    services: {
      website: {
        ...source,
        port: 8080,
        routes: [route],
        replicas,
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
