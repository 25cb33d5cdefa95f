import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildContext } from "../../../../provider/image/build-context.ts";
import { ociLabels, revisionOf, sourceUrl } from "../../../../provider/image/revision.ts";

describe("the address of a repository", () => {
  it.each([
    ["git@git.example.org:shop/web.git", "https://git.example.org/shop/web"],
    ["ssh://git@git.example.org:2222/shop/web.git", "https://git.example.org/shop/web"],
    ["https://git.example.org/shop/web.git", "https://git.example.org/shop/web"],
    ["https://gitlab-ci-token:hunter2@git.example.org/shop/web.git", "https://git.example.org/shop/web"],
    ["/srv/git/web.git", "/srv/git/web.git"],
  ])("%s is shown as %s", (origin, shown) => {
    expect(sourceUrl(origin)).toBe(shown);
  });
});

describe("the revision of a context", () => {
  let directory: string;
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
      cwd: directory,
      encoding: "utf8",
      env: { ...process.env, GIT_COMMITTER_DATE: "2026-11-22T08:00:00+02:00" },
    }).trim();
  const write = (path: string, content: string) => {
    writeFileSync(join(directory, path), content);
  };
  const commit = () => {
    git("add", "--all");
    git("commit", "--quiet", "--message", "a");
    return git("rev-parse", "HEAD");
  };
  const context = () => buildContext({ context: join(directory, "web") });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "slipway-revision-"));
    mkdirSync(join(directory, "web"));
    write("web/Dockerfile", "FROM scratch\n");
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it("is not known outside of a repository", async () => {
    expect(await revisionOf(context())).toBeUndefined();
  });

  it("is the last commit that changed it, whatever came after", async () => {
    git("init", "--quiet");
    git("remote", "add", "origin", "https://token:hunter2@git.example.org/shop.git");
    const first = commit();
    write("other", "");
    commit();

    expect(await revisionOf(context())).toEqual({
      revision: first,
      created: "2026-11-22T06:00:00.000Z",
      source: "https://git.example.org/shop",
    });
  });

  it("is dirty where a file of it is changed or new, and only there", async () => {
    git("init", "--quiet");
    const first = commit();
    write("other", "");
    expect((await revisionOf(context()))?.revision).toBe(first);
    write("web/new", "");
    expect((await revisionOf(context()))?.revision).toBe(`${first}-dirty`);
  });

  it("is labelled with what is known and nothing else", async () => {
    expect(await ociLabels(context(), undefined, undefined)).toEqual({});
    write("web/package.json", '{ "version": "1.2.0" }');
    const revision = { revision: "abc", created: "2026-11-22T06:00:00.000Z", source: undefined };
    expect(await ociLabels(context(), revision, { name: "node:24", digest: "sha256:1" })).toEqual({
      "org.opencontainers.image.base.digest": "sha256:1",
      "org.opencontainers.image.base.name": "node:24",
      "org.opencontainers.image.created": "2026-11-22T06:00:00.000Z",
      "org.opencontainers.image.revision": "abc",
      "org.opencontainers.image.version": "1.2.0",
    });
  });
});
