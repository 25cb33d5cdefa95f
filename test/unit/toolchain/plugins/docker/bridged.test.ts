import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../../../provider/plugin/resource.ts";
import { autonamed, diffInputs } from "../../../../../toolchain/plugins/docker/bridged.ts";
import { RULES } from "../../../../../toolchain/plugins/docker/rules.ts";
import { resourceContext } from "../context.ts";

const named = { name: "web", __defaults: [] };
const unnamed = { name: "web-039058c", __defaults: ["name"] };

describe("autonames", () => {
  it("end in seven hex digits that the seed decides, so that a preview and its up agree", () => {
    expect(autonamed({ image: "a" }, undefined, resourceContext())).toEqual({ image: "a", ...unnamed });
  });

  it("stay until the object is replaced", () => {
    const kept = autonamed({ image: "b" }, { name: "web-1234567", __defaults: ["name"] }, resourceContext());

    expect(kept.name).toBe("web-1234567");
  });

  it("take the place of a name that the user no longer gives", () => {
    expect(autonamed({}, named, resourceContext())).toEqual(unnamed);
  });

  it("leave a given name alone", () => {
    expect(autonamed({ name: "shop" }, unnamed, resourceContext())).toEqual({ name: "shop", __defaults: [] });
  });
});

describe("the replacement rules", () => {
  it.each([
    ["image", { image: "a" }, { image: "b" }],
    ["envs", { envs: ["A=1"] }, { envs: ["A=2"] }],
    ["healthcheck", { healthcheck: { tests: ["CMD", "a"] } }, { healthcheck: { tests: ["CMD", "b"] } }],
    ["command", { command: ["a", "b"] }, { command: ["b", "a"] }],
    ["image", { image: "a" }, { image: UNKNOWN }],
  ])("replace a container of which %s changes, the old one first", (property, olds, news) => {
    expect(diffInputs(RULES.container, { ...unnamed, ...olds }, { ...unnamed, ...news })).toEqual({
      changed: [property],
      replaces: [property],
      deleteBeforeReplace: true,
    });
  });

  it.each(["restart", "memory", "memorySwap", "cpuShares", "destroyGraceSeconds", "mustRun", "tmpfs", "init"])(
    "update a container of which %s changes",
    (property) => {
      expect(diffInputs(RULES.container, { [property]: 1 }, { [property]: 2 })).toEqual({
        changed: [property],
        replaces: [],
        deleteBeforeReplace: false,
      });
    },
  );

  it("see no change in another order of a set", () => {
    const olds = {
      envs: ["A=1", "B=2"],
      labels: [
        { label: "a", value: "1" },
        { label: "b", value: "2" },
      ],
    };
    const news = {
      envs: ["B=2", "A=1"],
      labels: [
        { value: "2", label: "b" },
        { label: "a", value: "1" },
      ],
    };

    expect(diffInputs(RULES.container, olds, news).changed).toEqual([]);
  });

  it("delete the old one first where the user gave the name, and last where he did not", () => {
    const change = { internal: true };

    expect(diffInputs(RULES.network, named, { ...named, ...change }).deleteBeforeReplace).toBe(true);
    expect(diffInputs(RULES.network, unnamed, { ...unnamed, ...change }).deleteBeforeReplace).toBe(false);
    expect(diffInputs(RULES.volume, named, { ...named, driver: "x" }).deleteBeforeReplace).toBe(true);
  });

  it("replace a pulled image by its name alone, and keep its wishes for the end in the state", () => {
    const olds = { name: "a", keepLocally: false };

    expect(diffInputs(RULES.remoteImage, olds, { name: "b", keepLocally: true }).replaces).toEqual(["name"]);
  });
});
