import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkspace } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

const SITE = "website.prod.localhost";
const MUST_BE_DEPLOYED =
  'services.website.image: must be taken from a stack that is deployed, got fromStack("dev", "website"); ' +
  "deploy it first with pulumi up --stack dev";

interface Releases {
  website: { image: string; version: string; commit: string };
}

describe("an image that prod takes from dev", () => {
  let workspace: Workspace;

  const git = async (...args: string[]) => {
    const identity = ["-c", "user.name=Slipway", "-c", "user.email=slipway@example.org"];
    const { exitCode, output, stdout } = await workspace.run("git", [...identity, ...args]);
    if (exitCode !== 0) throw new Error(output);
    return stdout;
  };
  const commit = async (message: string) => {
    await git("add", "--all");
    await git("commit", "--quiet", "--message", message);
    return git("rev-parse", "--short=12", "HEAD");
  };
  const releasesOf = async (stack: string) => (await workspace.outputs(stack)).releases as Releases;
  const version = async () => (await workspace.get(SITE, "/fr")).headers["x-app-version"];

  beforeAll(async () => {
    workspace = await createWorkspace();
    await workspace.edit("stacks/prod.ts", (source) =>
      source.replace('replicas: 2, promotedFrom: "preprod"', 'replicas: 1, promotedFrom: "dev"'),
    );
    for (const stack of ["platform", "dev", "prod"]) await workspace.configure(stack);
    await git("init", "--quiet", "--initial-branch=main");
    await workspace.up("platform");
    await commit("first");
  });

  afterAll(async () => {
    await workspace.remove();
  });

  it("is missed by name while dev is not deployed, whether its stack is there or not", async () => {
    await workspace.initStack("prod");
    const withoutStack = await workspace.pulumi("preview", "--stack", "prod");
    await workspace.initStack("dev");
    const withoutOutputs = await workspace.pulumi("preview", "--stack", "prod");

    for (const { exitCode, output } of [withoutStack, withoutOutputs]) {
      expect(output).toContain(MUST_BE_DEPLOYED);
      expect(exitCode).not.toBe(0);
    }
  });

  it("is the very same one, and nothing is built", async () => {
    await workspace.up("dev");
    const { output } = await workspace.up("prod");

    expect(output).not.toContain("docker:index:Image");
    const dev = await releasesOf("dev");
    const prod = await releasesOf("prod");
    expect(prod.website.image).toBe(dev.website.image);
    expect(prod.website.commit).toBe(dev.website.commit);
    expect(await version()).toBe(dev.website.version);
    expect(await workspace.pulumi("preview", "--expect-no-changes", "--stack", "prod")).toMatchObject({ exitCode: 0 });
  });

  it("is announced by a preview with its version and the commits that come with it", async () => {
    const before = await releasesOf("prod");
    await workspace.edit("examples/website/src/main.ts", (source) => `${source}console.log("second");\n`);
    await commit("second");
    await workspace.edit("examples/website/src/main.ts", (source) => `${source}console.log("third");\n`);
    const last = await commit("third");
    await workspace.up("dev");
    const after = await releasesOf("dev");

    const { output } = await workspace.pulumi("preview", "--stack", "prod");

    expect(after.website.commit).toBe(last);
    expect(output).toContain(
      `website: ${before.website.version} → ${after.website.version} from dev, ` +
        `2 commits ${before.website.commit}..${last}`,
    );
    expect(await version()).toBe(before.website.version);
  });

  it("is missed again once dev is destroyed, and what runs keeps running", async () => {
    const before = await version();
    await workspace.pulumi("destroy", "--yes", "--skip-preview", "--stack", "dev");
    const { exitCode, output } = await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "prod");

    expect(output).toContain(MUST_BE_DEPLOYED);
    expect(exitCode).not.toBe(0);
    expect(await version()).toBe(before);
  });
});
