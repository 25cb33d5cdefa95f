import { describe, expect, it } from "vitest";
import { dataOf, refuseAbandonedYetDeclared } from "../../../components/data.ts";
import { defineEnvironment } from "../../../components/index.ts";

const root = new URL("../../fixtures/project", import.meta.url).pathname;
const owner = { namespace: "slipway", environment: "qa" };
const image = `registry.example.org/api@sha256:${"b".repeat(64)}`;

const data = dataOf(
  defineEnvironment(
    {
      domain: "qa.localhost",
      databases: { main: { engine: "postgres", replicas: 1 } },
      services: { api: { image, database: "main", mounts: { uploads: "/data", articles: "/articles" } } },
      jobs: { tidy: { image, schedule: "0 3 * * *", mounts: { uploads: "/uploads" } } },
      volumes: { articles: { package: "articles" }, spare: {}, uploads: {} },
    },
    { root },
  ),
  owner,
);

describe("the data of an environment", () => {
  it("of a database is where its servers are, also after a promotion", () => {
    const spec = defineEnvironment(
      { domain: "qa.localhost", services: {}, databases: { main: { engine: "postgres" } } },
      { root },
    );

    expect(dataOf(spec, owner, { main: 2 })).toEqual({
      "databases.main": { volumes: ["slipway-qa-main-2"], usedBy: [] },
    });
  });

  it("is every database and every volume that programs write to, with who uses it where; a package can be delivered again", () => {
    expect(data).toEqual({
      "databases.main": { volumes: ["slipway-qa-main-1", "slipway-qa-main-2"], usedBy: ["services.api"] },
      "volumes.spare": { volumes: ["slipway-qa-spare"], usedBy: [] },
      "volumes.uploads": {
        volumes: ["slipway-qa-uploads"],
        usedBy: ["services.api at /data", "jobs.tidy at /uploads"],
      },
    });
  });

  it("is not given up while it is declared", () => {
    expect(() => {
      refuseAbandonedYetDeclared(["volumes.gone", "volumes.uploads"], data);
    }).toThrow(
      "slipway:abandon: volumes.uploads: must not be declared; take it out of the stack file to give its data up, or out of the " +
        "setting to keep it",
    );
  });
});
