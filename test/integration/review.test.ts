import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBareRepository } from "../support/bare-repository.ts";
import type { BareRepository } from "../support/bare-repository.ts";
import { openRegistry } from "../support/registry.ts";
import { createWorkspace, listImages, listLabelled } from "../support/workspace.ts";
import type { CommandResult, Workspace } from "../support/workspace.ts";

const BRANCH = "feature/Login";
const STACK = "review-feature-login";
// Git allows no name of a branch to be longer than a file's.
const LONG_BRANCH = `подробно/${"long-".repeat(40)}`;

interface Verdict {
  stack: string;
  reason?: string;
  outcome: string;
}

describe("a review environment", () => {
  let workspace: Workspace;
  let origin: BareRepository;

  const npm = (...args: string[]): Promise<CommandResult> => workspace.run("npm", ["run", "--silent", ...args]);
  const sweep = async (...flags: string[]) => {
    const { stdout, exitCode } = await npm("sweep", "--", "--json", ...flags);
    expect(exitCode).toBe(0);
    return (JSON.parse(stdout) as Verdict[]).map(({ stack, outcome, reason }) => [stack, outcome, reason]);
  };
  const left = async (environment: string) => {
    const { docker, namespace, ports } = workspace;
    const all = [
      ...(await listLabelled(docker, namespace)),
      ...(await listImages(docker, `127.0.0.1:${ports.registry}/`)),
    ];
    return all.filter((name) => name.includes(environment));
  };

  beforeAll(async () => {
    workspace = await createWorkspace();
    origin = await createBareRepository(workspace);
    await workspace.up("platform");
    await workspace.configure("review");
    await origin.push(BRANCH, LONG_BRANCH);
  });

  afterAll(async () => {
    await workspace.remove();
  });

  it("shows a branch at a host of its own, and says where and until when", async () => {
    const { output, exitCode } = await npm("review", "--", BRANCH, "--ttl", "2h", "--dotenv", "review.env");

    expect(exitCode, output).toBe(0);
    const url = `https://feature-login.localhost:${workspace.ports.https}/`;
    expect(output).toMatch(new RegExp(`\n${BRANCH} until \\S+Z\n {2}${url}$`));
    expect(await readFile(join(workspace.directory, "review.env"), "utf8")).toBe(
      `SLIPWAY_STACK=${STACK}\nSLIPWAY_URL=${url}\n`,
    );
    expect((await workspace.get("feature-login.localhost", "/fr")).status).toBe(200);
  });

  it("stays as it is when it is deployed again, in a checkout that has never seen it", async () => {
    await workspace.run("rm", [`Pulumi.${STACK}.yaml`]);

    const { output, exitCode } = await npm("review", "--", BRANCH, "--ttl", "2h");

    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/\n {4}\d+ unchanged\n/);
    expect(output).not.toMatch(/created|updated|replaced|deleted/);
  });

  it("is not given to another branch whose slug is the same", async () => {
    const { output, exitCode } = await npm("review", "--", "feature-login");

    expect(exitCode).toBe(2);
    expect(output).toContain(
      `error ${STACK} shows the branch "${BRANCH}", whose name is the same as a stack's as that of "feature-login"\n`,
    );
  });

  it("is made for a long branch of letters that no host name has", async () => {
    const { output, exitCode } = await npm("review", "--", LONG_BRANCH, "--dotenv", "long.env");

    expect(exitCode, output).toBe(0);
    const dotenv = await readFile(join(workspace.directory, "long.env"), "utf8");
    const host = /https:\/\/([a-z0-9-]+\.localhost):/.exec(dotenv)?.[1] ?? "none";
    expect(host).toMatch(/^long-long-long-long-long-long-l-[0-9a-f]{8}\.localhost$/);
    expect((await workspace.get(host, "/fr")).status).toBe(200);
  });

  it("is left alone by the sweep while its branch and its time last", async () => {
    expect((await sweep()).map(([, outcome]) => outcome)).toEqual(["kept", "kept"]);
  });

  it("is not swept when the branches cannot be told", async () => {
    const { output, exitCode } = await npm("sweep", "--", "--remote", "nowhere");

    expect(exitCode).toBe(1);
    expect(output).toContain("error cannot tell which branches nowhere has: fatal: 'nowhere'");
    expect(await left(STACK)).not.toEqual([]);
  });

  it("is swept with its data when its branch is gone, and no other environment with it", async () => {
    const registry = await openRegistry(workspace);
    const tags = async () => {
      const answer = await registry.ask("pull", `/v2/${workspace.namespace}/${STACK}/website/tags/list`);
      return (answer.body as { tags?: string[] | null }).tags ?? [];
    };
    expect(await tags()).not.toEqual([]);
    const others = async () =>
      (await listLabelled(workspace.docker, workspace.namespace)).filter((it) => !it.includes(STACK));
    const before = await others();
    await origin.remove(BRANCH);

    expect(await sweep("--dry-run")).toContainEqual([STACK, "due", "its branch is gone"]);
    expect(await left(STACK)).toContain(`volume ${workspace.namespace}-${STACK}-logs`);
    expect(await sweep()).toContainEqual([STACK, "destroyed", "its branch is gone"]);

    expect(await left(STACK)).toEqual([]);
    expect(await tags()).toEqual([]);
    expect(await others()).toEqual(before);
    await expect(workspace.get("feature-login.localhost")).rejects.toThrow("does not match certificate's altnames");
    expect((await workspace.pulumi("stack", "ls", "--json")).stdout).not.toContain(STACK);
  });

  it("is swept when its time has passed", async () => {
    const { stdout } = await workspace.pulumi("stack", "ls", "--json");
    const stack = /review-long[a-z0-9-]+/.exec(stdout)?.[0] ?? "none";
    await workspace.pulumi("stack", "tag", "set", "slipway:expires", "2026-01-01T00:00:00.000Z", "--stack", stack);

    expect(await sweep()).toEqual([[stack, "destroyed", "its time has passed"]]);
    expect(await left("review-")).toEqual([]);
    expect(await sweep()).toEqual([]);
  });

  it("is destroyed by the name of its branch, and once it is gone that is no fault", async () => {
    await npm("review", "--", "other");

    const first = await npm("destroy", "--", "--branch", "other");
    const second = await npm("destroy", "--", "--branch", "other");

    expect(first.output).toContain("\nreview-other is gone, and its data and tags with it.");
    expect(second.output).toContain("The branch other has no review environment.");
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    expect(await left("review-")).toEqual([]);
  });

  it.each([
    [["--stack", "platform"], "platform is none of a review, and nothing is said of its data: "],
    [["--stack", "review-nowhere"], '--stack: there is no stack "review-nowhere"\n'],
  ])("is what %j has to name, or what becomes of the data", async (args, message) => {
    const { output, exitCode } = await npm("destroy", "--", ...args);

    expect(exitCode).toBe(2);
    expect(output).toContain(`error ${message}`);
  });

  it("is not deployed for a time that has passed", async () => {
    const { output, exitCode } = await npm("review", "--", "late", "--ttl", "2020-01-01");

    expect(exitCode).toBe(2);
    expect(output).toContain(
      'error --ttl: must be a time such as 12h or 7d or a date such as 2026-12-24, at most a year ahead, got "2020-01-01"\n',
    );
    expect((await workspace.pulumi("stack", "ls", "--json")).stdout).not.toContain("review-late");
  });
});
