import { describe, expect, it } from "vitest";
import { refuseMissingBases, withBases } from "../../../components/bases.ts";
import { base, defineEnvironment, definePlatform } from "../../../components/spec/index.ts";
import { faultsOf, makeProject } from "../spec/project.ts";

const root = makeProject();
const bases = { node: `127.0.0.1:5000/slipway/platform/base-node@sha256:${"a".repeat(64)}` };
const environment = (name: string) =>
  defineEnvironment(
    { domain: "a.org", services: { shop: { build: { context: "web", args: { NODE: base(name), A: "1" } } } } },
    { root },
  );

describe("a base image", () => {
  it("is put by digest in the place of its name", () => {
    expect(withBases({ A: "1", NODE: base("node") }, bases)).toEqual({ A: "1", NODE: bases.node });
  });

  it("is refused where the platform has none of that name", () => {
    expect(() => {
      refuseMissingBases(environment("noed"), bases);
    }).toThrow(
      'services.shop.build.args.NODE: must be a base image of the platform, got base("noed"), did you mean "node"? ' +
        "There are: node; name it in bases of stacks/platform.ts and deploy the stack platform",
    );
    expect(() => {
      refuseMissingBases(environment("node"), bases);
    }).not.toThrow();
  });
});

describe("the bases of a platform", () => {
  const platformFaults = (platform: object) =>
    faultsOf(() => definePlatform({ domain: "localhost", ...platform }, { root }));

  it("are builds of the project", () => {
    const { bases: resolved } = definePlatform({ domain: "localhost", bases: { node: "web" } }, { root });

    expect(resolved).toStrictEqual({
      node: {
        ...{ kind: "build", context: `${root}/web`, dockerfile: `${root}/web/Dockerfile`, target: undefined },
        ...{ args: {}, secrets: {}, platform: undefined, cache: false },
      },
    });
  });

  it("stand on nothing of ours and have no secrets", () => {
    const node = { context: "web", args: { OTHER: base("go") }, secrets: { npmrc: { kind: "secret" } } };

    expect(platformFaults({ bases: { node } })).toEqual(
      expect.arrayContaining([
        "bases.node.args.OTHER: must be text: a base image stands on none of ours",
        "bases.node.secrets: must not be set: a base image is for everyone",
      ]),
    );
  });

  it("are there", () => {
    expect(platformFaults({ bases: { node: "nowhere" } })).toEqual([
      `bases.node: must be a directory of the project, got "nowhere"; ${root}/nowhere is none`,
    ]);
  });
});
