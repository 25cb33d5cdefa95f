import { defineEnvironment, link } from "../../components/index.ts";
import { settings } from "../../stacks/settings.ts";

const args = { NODE_IMAGE: settings.images.node };

/** A page, the API that it knows, and the database that the API alone knows. `stacks/people.ts` exports it. */
export default defineEnvironment({
  domain: `people.${settings.domain}`,
  services: {
    web: {
      build: { context: "examples/people/web", args },
      port: 8080,
      routes: ["@"],
      health: { path: "/up" },
      env: { API: link("api") },
      // So that it meets an API that knows what it asks.
      waitsFor: ["api"],
      memoryMb: 128,
    },
    api: {
      build: { context: "examples/people/api", args },
      port: 8080,
      health: { path: "/up" },
      database: "main",
      before: ["migrate"],
      replicas: 2,
      memoryMb: 128,
    },
  },
  jobs: {
    migrate: { service: "api", command: ["node", "src/migrate.ts"], database: "main", memoryMb: 128 },
  },
  databases: {
    main: { engine: "mariadb" },
  },
});
