import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBareRepository } from "../support/bare-repository.ts";
import type { BareRepository } from "../support/bare-repository.ts";
import { startGitLab } from "../support/gitlab.ts";
import type { GitLab } from "../support/gitlab.ts";
import { openRegistry } from "../support/registry.ts";
import { createRunner } from "../support/runner.ts";
import type { PipelineEvent, Runner } from "../support/runner.ts";
import { createWorkspace, listImages, listLabelled } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

const BRANCH = "feature/Greeting";
const REVIEW = "review-feature-greeting";

let workspace: Workspace;
let gitlab: GitLab;
let origin: BareRepository;
let runner: Runner;
/** The developer's own clone. */
let clone: string;

beforeAll(async () => {
  [workspace, gitlab] = await Promise.all([createWorkspace(), startGitLab()]);
  for (const stack of ["platform", "preprod", "prod", "review"]) await workspace.configure(stack);
  origin = await createBareRepository(workspace);
  await origin.push("main");
  runner = await createRunner(workspace, gitlab);
  await workspace.up("platform");
  clone = join(workspace.directory, ".slipway/clone");
  await execa("git", ["clone", "--quiet", origin.directory, clone]);
});

afterAll(async () => {
  await gitlab.close();
  await workspace.remove();
});

/** Runs the developer's git and returns what it prints. */
async function git(...args: string[]): Promise<string> {
  const identity = ["-c", "user.name=dev", "-c", "user.email=dev@example.com"];
  const { stdout } = await execa("git", [...identity, ...args], { cwd: clone });
  return stdout;
}

/** Pushes a commit that makes another program. */
async function commit(greeting: string): Promise<void> {
  const file = join(clone, "examples/website/src/main.ts");
  await writeFile(file, `${await readFile(file, "utf8")}console.log("${greeting}");\n`);
  await git("commit", "--quiet", "--all", `--message=${greeting}`);
  await git("push", "--quiet", "--set-upstream", "origin", "HEAD");
}

/** Runs a pipeline, or some of its jobs; they have to succeed. */
async function pipeline(event: PipelineEvent, ...jobs: string[]): Promise<string> {
  await runner.checkOut(event);
  const { output, exitCode } = await runner.run(event, jobs);
  expect(exitCode, output).toBe(0);
  return output;
}

/** What answers at a host: the version of its program. */
async function version(host: string): Promise<unknown> {
  const { status, headers } = await workspace.get(host, "/fr");
  expect(status).toBe(200);
  return headers["x-app-version"];
}

async function digestOf(stack: string): Promise<string> {
  const { releases } = (await workspace.outputs(stack)) as { releases: { website: { image: string } } };
  return releases.website.image;
}

/** What of an environment is on the engine. */
async function left(environment: string): Promise<string[]> {
  const all = await listLabelled(workspace.docker, workspace.namespace);
  const images = await listImages(workspace.docker, `127.0.0.1:${workspace.ports.registry}/`);
  const named = new RegExp(`[ /-]${environment}[/-]`);
  return [...all, ...images].filter((name) => named.test(name));
}

test("the default branch is what preprod runs", async () => {
  expect(await runner.jobsOf({ branch: "main" })).toEqual({ preprod: "on_success" });
  await pipeline({ branch: "main" });

  expect(await version("website.preprod.localhost")).toBe((await digestOf("preprod")).slice(-64).slice(0, 12));
});

test("a branch shows up at a host of its own, and its merge request tells what it would change", async () => {
  const before = await version("website.preprod.localhost");
  await git("checkout", "--quiet", "-b", BRANCH);
  await commit("bonjour");

  await pipeline({ mergeRequest: BRANCH, iid: 5 });
  expect(gitlab.notes).toHaveLength(1);
  expect(gitlab.notes[0]?.body).toContain("**Preview of stack `preprod`**: ");
  expect(gitlab.notes[0]?.body).toMatch(
    /\*\*Replaced\*\*\n(\n?- .*)*\n- `container preprod-website-1: envs, image, labels`/,
  );

  expect(await runner.jobsOf({ branch: BRANCH })).toEqual({ review: "on_success", "destroy review": "manual" });
  const output = await pipeline({ branch: BRANCH });
  expect(output).toContain(`https://feature-greeting.localhost:${workspace.ports.https}/`);
  expect(await version("feature-greeting.localhost")).not.toBe(before);
  expect(await version("website.preprod.localhost")).toBe(before);
});

test("merged, it is what preprod runs", async () => {
  const before = await version("website.preprod.localhost");
  await git("checkout", "--quiet", "main");
  await git("merge", "--quiet", "--no-ff", "--message=merge", BRANCH);
  await git("push", "--quiet");

  await pipeline({ branch: "main" });

  expect(await version("website.preprod.localhost")).not.toBe(before);
  expect((await workspace.outputs("preprod")).commit).toBe(await git("rev-parse", "--short=12", "main"));
});

test("a tag takes the very same image to prod, by hand and without a build", async () => {
  await git("tag", "v1.0.0");
  await git("push", "--quiet", "--tags");
  expect(await runner.jobsOf({ tag: "v1.0.0" })).toEqual({ prod: "manual" });

  const output = await pipeline({ tag: "v1.0.0" }, "prod");

  expect(await digestOf("prod")).toBe(await digestOf("preprod"));
  expect(await version("website.prod.localhost")).toBe(await version("website.preprod.localhost"));
  expect(output).not.toMatch(/building|ImageBuild/);
});

test("a tag of a commit that preprod does not run is refused, and prod stays", async () => {
  const before = await left("prod");
  await git("tag", "v0.9.0", "main~1");
  await git("push", "--quiet", "--tags");
  await runner.checkOut({ tag: "v0.9.0" });

  const { output, exitCode } = await runner.run({ tag: "v0.9.0" }, ["prod"]);

  expect(exitCode).toBe(1);
  const [deployed, tagged] = await Promise.all(["main", "v0.9.0"].map((ref) => git("rev-parse", "--short=12", ref)));
  expect(output).toContain(`preprod runs ${deployed ?? ""}, and v0.9.0 is ${tagged ?? ""}.`);
  expect(await left("prod")).toEqual(before);
});

test("a tag that is moved by hand changes nothing that runs, and the nightly look names it", async () => {
  const before = await version("website.prod.localhost");
  const registry = await openRegistry(workspace);
  const repository = `${workspace.namespace}/preprod/website`;
  const digest = await registry.push("push", await registry.makeImage(repository, "1.0.0"));
  await runner.checkOut({ schedule: "main" });

  const { output, exitCode } = await runner.run({ schedule: "main" }, ["drift"]);
  await workspace.pulumi("up", "--refresh", "--yes", "--skip-preview", "--stack", "prod");

  expect(exitCode).not.toBe(0);
  const [found, released] = [digest, await digestOf("prod")].map((image) => image.slice(-64, -52));
  expect(output).toMatch(
    new RegExp(`tag 1.0.0 of ${repository} +names ${found ?? ""} → ${released ?? ""} +changed since`),
  );
  expect(await version("website.prod.localhost")).toBe(before);
});

test("with the branch its environment goes, its data and its stack, and prod is untouched", async () => {
  const before = await left("prod");
  expect(await left(REVIEW)).toContain(`volume ${workspace.namespace}-${REVIEW}-logs`);
  await git("push", "--quiet", "origin", `:${BRANCH}`);

  // GitLab runs it on what the branch was.
  const output = await runner.run({ branch: BRANCH }, ["destroy review"]);

  expect(output.exitCode, output.output).toBe(0);
  expect(await left(REVIEW)).toEqual([]);
  const registry = await openRegistry(workspace);
  const tags = await registry.ask("pull", `/v2/${workspace.namespace}/${REVIEW}/website/tags/list`);
  expect((tags.body as { tags?: string[] | null }).tags ?? []).toEqual([]);
  expect(await left("prod")).toEqual(before);
  expect(await version("website.prod.localhost")).toBe(await version("website.preprod.localhost"));
});

test("the nightly look finds nothing to say, and what prod runs is still in the registry", async () => {
  expect(await runner.jobsOf({ schedule: "main" })).toEqual({
    backups: "on_success",
    drift: "on_success",
    renew: "on_success",
    sweep: "on_success",
  });

  const output = await pipeline({ schedule: "main" });

  const registry = await openRegistry(workspace);
  await registry.pull("pull", await digestOf("prod"));
  expect(output).toContain("✔ Stack prod: all that runs is as deployed");
  expect(output).toContain("Stack prod backs up no database.");
  expect(output).toContain("There is no review environment.");
});
