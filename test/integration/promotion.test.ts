import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostname, userInfo } from "node:os";
import { follow } from "../../provider/image/follow.ts";
import type { Trace } from "../../toolchain/commands/trace.ts";
import { createWorkspace } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

const SITE = "website.prod.localhost";
const MUST_BE_DEPLOYED =
  'services.website.image: must be taken from a stack that is deployed, got fromStack("dev", "website"); ' +
  "deploy it first with pulumi up --stack dev";

interface Releases {
  website: { image: string; version: string; commit: string; when: string };
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
  const lastOfSources = (format: string) => git("log", "-1", `--format=${format}`, "--", "examples/website");
  const trace = (subject: string) => workspace.run("npm", ["run", "--silent", "trace", "--", subject, "--json"]);
  const traced = async (subject: string) => {
    const { stdout, output, exitCode } = await trace(subject);
    if (exitCode !== 0) throw new Error(output);
    return JSON.parse(stdout) as Trace;
  };
  const signIn = async () => {
    const { registry, registryPassword } = await workspace.outputs("platform");
    const { address, username } = registry as { address: string; username: string };
    return { serveraddress: address, username, password: String(registryPassword) };
  };
  const repository = async () => (await releasesOf("dev")).website.image.replace(/@.*$/, "");
  /** What a tag names in dev's repository, as the registry says it. */
  const digestOf = async (tag: string) => {
    const image = workspace.docker.getImage(`${await repository()}:${tag}`);
    const { Descriptor } = (await image.distribution({ authconfig: await signIn() })) as {
      Descriptor: { digest: string };
    };
    return `${await repository()}@${Descriptor.digest}`;
  };
  const moveTag = async (tag: string) => {
    const other = process.env.SLIPWAY_IMAGE_HAPROXY ?? "docker.io/library/haproxy:3.2-alpine";
    await workspace.docker.getImage(other).tag({ repo: await repository(), tag });
    const push = await workspace.docker.getImage(await repository()).push({ tag, authconfig: await signIn() });
    await follow(workspace.docker, push);
  };
  const version = async () => (await workspace.get(SITE, "/fr")).headers["x-app-version"];

  beforeAll(async () => {
    workspace = await createWorkspace();
    await workspace.edit("stacks/prod.ts", (source) =>
      source.replace('replicas: 2, promotedFrom: "preprod"', 'replicas: 1, promotedFrom: "dev"'),
    );
    for (const stack of ["platform", "dev", "prod"]) await workspace.configure(stack);
    await git("init", "--quiet", "--initial-branch=main");
    await git("remote", "add", "origin", "git@git.example.org:shop/website.git");
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
    await commit("the salts of the stacks");
    await workspace.up("dev");
    const { output } = await workspace.up("prod");

    expect(output).not.toContain("slipway:index:ImageBuild");
    const dev = await releasesOf("dev");
    const prod = await releasesOf("prod");
    expect(prod.website.image).toBe(dev.website.image);
    expect(prod.website.commit).toBe(dev.website.commit);
    expect(await version()).toBe(dev.website.version);
    expect(await workspace.pulumi("preview", "--expect-no-changes", "--stack", "prod")).toMatchObject({ exitCode: 0 });
  });

  it("tells on itself and by its tags which commit it comes from", async () => {
    const { website } = await releasesOf("dev");
    const revision = await lastOfSources("%H");
    const committed = new Date(await lastOfSources("%cI")).toISOString();
    const { Config } = await workspace.docker.getImage(website.image).inspect();

    expect(Config.Labels).toMatchObject({
      "org.opencontainers.image.created": committed,
      "org.opencontainers.image.revision": revision,
      "org.opencontainers.image.source": "https://git.example.org/shop/website",
      "org.opencontainers.image.base.name": process.env.SLIPWAY_IMAGE_NODE ?? "docker.io/library/node:24-bookworm-slim",
    });
    expect(await digestOf(`commit-${revision.slice(0, 12)}`)).toBe(website.image);
    expect(await digestOf("branch-main")).toBe(website.image);
    await expect(digestOf("latest")).rejects.toThrow();
  });

  it("is traced from the address that it answers at, and from its container", async () => {
    const { website } = await releasesOf("prod");
    const byUrl = await traced(`https://${SITE}:${workspace.ports.https}/fr`);
    const byContainer = await traced(byUrl.containers[0] ?? "");

    expect(byUrl).toMatchObject({
      stack: "prod",
      service: "website",
      image: website.image,
      since: website.when,
      commit: await lastOfSources("%H"),
      branch: "main",
      source: "https://git.example.org/shop/website",
      built: { by: userInfo().username, where: hostname() },
    });
    expect(byUrl.tags.map((tag) => tag.replace(/^content-[0-9a-f]{12}$/, "content"))).toEqual([
      "branch-main",
      `commit-${byUrl.commit?.slice(0, 12) ?? ""}`,
      "content",
    ]);
    expect(byContainer).toEqual(byUrl);
    expect(await trace("nothing")).toMatchObject({ exitCode: 2 });
    expect((await trace("https://other.example.org/")).output).toContain(
      "no stack leads https://other.example.org/ to a service",
    );
  });

  it("gets version and latest on a release, and has them put back where they were moved by hand", async () => {
    const { website } = await releasesOf("prod");
    await git("tag", "v1.2.0");
    const { output } = await workspace.up("prod");
    expect(output).toMatch(/slipway:index:ImageTags prod-website-tags updated/);
    expect(output).not.toMatch(/Container|ImageBuild/);
    expect(await digestOf("1.2.0")).toBe(website.image);
    expect(await digestOf("latest")).toBe(website.image);

    await moveTag("latest");
    expect(await digestOf("latest")).not.toBe(website.image);
    await workspace.pulumi("up", "--refresh", "--yes", "--skip-preview", "--stack", "prod");

    expect(await digestOf("latest")).toBe(website.image);
    expect((await releasesOf("prod")).website).toEqual(website);
  });

  it("stays what it is when a commit changes something else", async () => {
    await workspace.edit("CHANGELOG.md", (text) => `${text}\n`);
    await commit("elsewhere");

    for (const stack of ["dev", "prod"]) {
      const preview = await workspace.pulumi("preview", "--expect-no-changes", "--stack", stack);
      expect(preview).toMatchObject({ exitCode: 0 });
    }
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
        `3 commits ${before.website.commit}..${last}`,
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
