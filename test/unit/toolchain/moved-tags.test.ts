import { expect, it } from "vitest";
import { placedTags } from "../../../toolchain/registry/moved-tags.ts";

it("the tags of a stack are those that its state records, with their repository", () => {
  const outputs = { image: "127.0.0.1:5000/slipway/preprod/web@sha256:aa", tags: ["1.0.0", "latest"] };
  const resources = [
    { type: "slipway:index:ImageTags", outputs },
    { type: "slipway:index:Release", outputs },
    { type: "pulumi:pulumi:Stack" },
  ];

  expect(placedTags({ deployment: { resources } })).toEqual([
    { repository: "slipway/preprod/web", tag: "1.0.0", digest: "sha256:aa" },
    { repository: "slipway/preprod/web", tag: "latest", digest: "sha256:aa" },
  ]);
  expect(placedTags({ deployment: {} })).toEqual([]);
});
