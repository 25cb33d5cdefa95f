import { join } from "node:path";
import { expect, it } from "vitest";
import { type BuildInput, defineEnvironment } from "../../../components/spec/index.ts";
import { faultsOf, makeProject } from "./project.ts";

const root = makeProject();

it.each<[string | BuildInput, string]>([
  ["shop", `build: must be a directory of the project, got "shop"; ${join(root, "shop")} is none`],
  [
    "web/Dockerfile",
    `build: must be a directory of the project, got "web/Dockerfile"; ${join(root, "web/Dockerfile")} is none`,
  ],
  [{ context: "shop" }, `build.context: must be a directory of the project, got "shop"; ${join(root, "shop")} is none`],
  ["bare", `build: must contain a Dockerfile, got "bare"; ${join(root, "bare/Dockerfile")} is no file`],
  [
    { context: "web", dockerfile: "dev.Dockerfile" },
    `build.dockerfile: must be a file, got "dev.Dockerfile"; ${join(root, "web/dev.Dockerfile")} is none`,
  ],
])("builds nothing from %j", (build, fault) => {
  expect(faultsOf(() => defineEnvironment({ domain: "a.org", services: { web: { build } } }, { root }))).toStrictEqual([
    `services.web.${fault}`,
  ]);
});

it("ships no data package from a directory that is not there", () => {
  const volumes = { articles: { package: "articles" } };
  expect(faultsOf(() => defineEnvironment({ domain: "a.org", services: {}, volumes }, { root }))).toStrictEqual([
    `volumes.articles.package: must be a directory of the project, got "articles"; ${join(root, "articles")} is none`,
  ]);
});
