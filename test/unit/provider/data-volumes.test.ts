import { describe, expect, it } from "vitest";
import { dataVolumes } from "../../../provider/data-volumes.ts";
import type { DataVolumesInputs } from "../../../provider/data-volumes.ts";
import { resourceContext } from "../toolchain/plugins/context.ts";

// No engine answers there: what a volume holds cannot be told, and what is lost is told all the same.
const context = resourceContext({ config: { host: "unix:///nowhere/docker.sock" } });
const uploads = { volumes: ["slipway-qa-uploads"], usedBy: ["services.web at /data", "jobs.report at /data"] };
const main = { volumes: ["slipway-qa-main-1", "slipway-qa-main-2"], usedBy: [] };

async function faultsOf(olds: DataVolumesInputs["data"] | undefined, news: Partial<DataVolumesInputs>) {
  const before = olds && { environment: "qa", data: olds, abandoned: [], kept: true };
  const checked = await dataVolumes.check?.({ environment: "qa", data: {}, ...news }, before, context);
  return checked?.faults?.map(({ property, reason }) => [property, reason]);
}

describe("data that was declared once", () => {
  it("ends a preview when it is no longer declared, with what it is and the two ways on", async () => {
    expect(await faultsOf({ "volumes.uploads": uploads }, {})).toEqual([
      [
        "",
        "volumes.uploads: is no longer declared as data: slipway-qa-uploads, used by services.web at /data and jobs.report at /data; " +
          "declare it as before, or give its data up with pulumi config set --path 'slipway:abandon[0]' volumes.uploads -s qa: " +
          "what is in it then stays on the engine until docker volume rm slipway-qa-uploads",
      ],
    ]);
  });

  it("ends it as well when it would begin empty in another volume, and each loss has a line", async () => {
    const [[, reason] = []] = (await faultsOf(
      { "databases.main": main, "volumes.uploads": uploads },
      { data: { "volumes.uploads": { volumes: ["other-qa-uploads"], usedBy: [] } }, abandoned: ["volumes.x"] },
    )) ?? [[]];

    expect(reason?.split("\n").map((line) => line.replace(/(-s qa): .*/, "$1"))).toEqual([
      "databases.main: is no longer declared as data: slipway-qa-main-1 and slipway-qa-main-2; declare it as before, or give its " +
        "data up with pulumi config set --path 'slipway:abandon[1]' databases.main -s qa",
      "volumes.uploads: would begin empty, in other-qa-uploads: slipway-qa-uploads, used by services.web at /data and " +
        "jobs.report at /data; declare it as before, or give its data up with pulumi config set --path 'slipway:abandon[2]' " +
        "volumes.uploads -s qa",
    ]);
  });

  it.each([
    ["it is given up by name", { abandoned: ["volumes.uploads"] }],
    ["nobody misses the environment's data", { kept: false }],
    ["it is still declared, used by another", { data: { "volumes.uploads": { ...uploads, usedBy: [] } } }],
  ])("is no matter when %s", async (_when, news) => {
    expect(await faultsOf({ "volumes.uploads": uploads }, news)).toEqual([]);
  });

  it("is none in the first deploy", async () => {
    expect(await faultsOf(undefined, { data: { "volumes.uploads": uploads } })).toEqual([]);
    const news = { environment: "qa", data: { "volumes.uploads": uploads } };
    expect((await dataVolumes.check?.(news, {}, context))?.faults).toEqual([]);
  });

  it("keeps one of several volumes and is the same data: a database with one replica less", async () => {
    expect(
      await faultsOf(
        { "databases.main": main },
        { data: { "databases.main": { ...main, volumes: ["slipway-qa-main-2"] } } },
      ),
    ).toEqual([]);
  });
});

describe("an environment that is destroyed", () => {
  const destroy = async (kept: boolean) => {
    const told: string[] = [];
    const state = { environment: "qa", data: { "volumes.uploads": uploads, "databases.main": main }, kept };
    await dataVolumes.delete?.("qa", state, resourceContext({ info: (message) => told.push(message) }));
    return told;
  };

  it("leaves a line that tells where its data is and how it is removed", async () => {
    expect(await destroy(true)).toEqual([
      "the data stays on the engine, and the next up finds it: " +
        "docker volume rm slipway-qa-main-1 slipway-qa-main-2 slipway-qa-uploads removes it for good",
    ]);
  });

  it("tells nothing where its data goes with it", async () => {
    expect(await destroy(false)).toEqual([]);
  });
});
