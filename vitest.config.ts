import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // The last line of a run is one that any CI can read.
    reporters: ["default", "./test/support/closing-line.ts"],
    // Tests of deploys wait for engines more than they compute.
    maxWorkers: 3,
    env: { PULUMI_ERROR_OUTPUT_STRING: "true" },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          // Beside the integration tests a unit test can wait long for a processor.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // The SDK's providers read it: `npm run check`, which has no engine, and `npm test` are to see the same.
          env: { DOCKER_HOST: "unix:///nowhere/docker.sock" },
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: "load",
          include: ["test/load/**/*.test.ts"],
          globalSetup: "test/load/provide-k6.ts",
          // After all others and one by one: nothing else may take the processors meanwhile.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          testTimeout: 900_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
