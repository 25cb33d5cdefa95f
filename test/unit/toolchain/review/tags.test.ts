import { expect, it } from "vitest";
import { repositoriesIn } from "../../../../toolchain/review/tags.ts";

it("a stack's own repositories are found in its state, and no other's", () => {
  const digest = "a".repeat(64);
  const state = JSON.stringify({
    build: "127.0.0.1:5000/shop/review-x/web",
    image: `127.0.0.1:5000/shop/review-x/web@sha256:${digest}`,
    tag: "registry.example.org/shop/review-x/api:latest",
    others: [
      `127.0.0.1:5000/shop/dev/web@sha256:${digest}`,
      "127.0.0.1:5000/shop/review-x-2/web:latest",
      "review-x/web:1",
    ],
  });

  expect(repositoriesIn(state, "shop", "review-x")).toEqual(["shop/review-x/api", "shop/review-x/web"]);
});
