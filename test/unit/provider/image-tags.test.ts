import { expect, it } from "vitest";
import { imageTags } from "../../../provider/image-tags.ts";
import { quiet } from "../../support/quiet.ts";
import { resourceContext } from "../toolchain/plugins/context.ts";

const registry = { server: "127.0.0.1:5000", username: "slipway", password: "secret" };
const olds = { image: "r/a@sha256:1", tags: ["branch-main", "latest"], registry };
const diff = (change: object, recorded = olds) =>
  imageTags.diff?.({ inputs: olds, state: recorded }, { ...olds, ...change }, quiet);

it.each([
  ["another image", { image: "r/a@sha256:2" }, ["image"]],
  ["a further tag", { tags: ["branch-main", "1.2.0"] }, ["tags"]],
  ["fewer tags, as none is taken away", { tags: ["branch-main"] }, []],
  ["another password", { registry: { ...registry, password: "other" } }, []],
])("tags are changed so for %s", (_what, change, changed) => {
  expect(diff(change)).toEqual({ changed });
});

it("tags that a refresh did not find are put back", () => {
  expect(diff({}, { ...olds, tags: ["branch-main"] })).toEqual({ changed: ["tags"] });
});

it("a tag that no registry takes is refused", async () => {
  const checked = await imageTags.check?.({ ...olds, tags: ["a b"] }, undefined, resourceContext());

  expect(checked?.faults).toEqual([
    { property: "tags.0", reason: "must be a tag of letters, digits, '_', '.' and '-'" },
  ]);
});
