import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecordedRelease } from "../../toolchain/stack/releases.ts";
import { createDeployedWorkspace } from "../support/workspace.ts";
import type { CommandResult, Workspace } from "../support/workspace.ts";

const SITE = "website.dev.localhost";

interface Status {
  services: (RecordedRelease & { containers: { name: string; works: boolean; state: string }[] })[];
}

describe("npm run rollback", () => {
  let workspace: Workspace;
  let first: string;
  let second: string;

  const npm = (...args: string[]): Promise<CommandResult> => workspace.run("npm", ["run", "--silent", ...args]);
  const version = async () => (await workspace.get(SITE, "/fr")).headers["x-app-version"];

  beforeAll(async () => {
    workspace = await createDeployedWorkspace();
    first = String(await version());
    await workspace.edit("examples/website/src/main.ts", (source) => `${source}console.log("second edition");\n`);
    const { output } = await npm("up", "--", "-s", "dev");
    second = String(await version());
    expect(output).toMatch(
      new RegExp(`^website  ${first} → ${second}  ${second}  \\d+\\.\\d s  \\d+\\.\\d s +\\d+\\.\\d s  +1$`, "m"),
    );
  });

  afterAll(async () => {
    await workspace.remove();
  });

  it("lists what can be gone back to", async () => {
    const { stdout, exitCode } = await npm("rollback", "--", "-s", "dev", "--json");
    expect(exitCode).toBe(0);
    const { services } = JSON.parse(stdout) as { services: { service: string; releases: { version: string }[] }[] };
    expect(services.map(({ service }) => service)).toEqual(["website"]);
    expect(services[0]?.releases.map((release) => release.version)).toEqual([second, first]);
    const { stdout: text } = await npm("rollback", "--", "-s", "dev");
    expect(text).toMatch(new RegExp(`^website +${second} +${second} +\\S+ +\\S+Z  runs$`, "m"));
  });

  it("leads to the image before without building, and every later up keeps it", async () => {
    const { output, exitCode } = await npm("rollback", "--", "-s", "dev", "website");
    expect(exitCode).toBe(0);
    expect(output).toContain(`Pulumi.dev.yaml now pins website to ${first}`);
    expect(output).not.toMatch(/slipway:index:ImageBuild .*(creat|updat|replac)/);
    expect(await version()).toBe(first);
    const again = await workspace.pulumi("preview", "--expect-no-changes", "--stack", "dev");
    expect(again).toMatchObject({ exitCode: 0 });
  });

  it("is taken back with --off, again without building", async () => {
    const { output, exitCode } = await npm("rollback", "--", "-s", "dev", "website", "--off");
    expect(exitCode).toBe(0);
    expect(output).not.toMatch(/slipway:index:ImageBuild .*(creat|updat|replac)/);
    expect(await version()).toBe(second);
  });

  it("refuses what there is not, and changes nothing", async () => {
    expect(await npm("rollback", "--", "-s", "dev", "web")).toMatchObject({ exitCode: 2 });
    const unknown = await npm("rollback", "--", "-s", "dev", "website", "--to", "0000000");
    expect(unknown.exitCode).toBe(2);
    expect(unknown.output).toContain('--to: website has no release "0000000"');
    expect((await npm("rollback", "--", "-s", "nowhere")).output).toContain('cannot read stack "nowhere"');
    expect(await version()).toBe(second);
  });

  it("takes a data package back without its source, in the containers that run, and every later up keeps that", async () => {
    const page = async () => (await workspace.get(SITE, "/fr/morse")).body;
    const started = async () => {
      const label = [`slipway.namespace=${workspace.namespace}`, "slipway.role=app"];
      return (await workspace.docker.listContainers({ filters: { label } })).map(({ Id }) => Id);
    };
    const before = await started();
    await workspace.edit("examples/website/data/pages/fr/morse.md", (text) => `${text}Une phrase de plus.\n`);
    await workspace.up("dev");
    expect(await page()).toContain("Une phrase de plus.");
    const { stdout } = await npm("rollback", "--", "-s", "dev", "--json");
    const { packages } = JSON.parse(stdout) as { packages: { package: string; versions: { digest: string }[] }[] };
    expect(packages.map((each) => [each.package, each.versions.length])).toEqual([["articles", 2]]);

    const { output, exitCode } = await npm("rollback", "--", "-s", "dev", "articles");

    expect(exitCode).toBe(0);
    const earlier = String(packages[0]?.versions[1]?.digest).slice(0, 12);
    expect(output).toContain(`Pulumi.dev.yaml now pins articles to ${earlier}; `);
    expect(await page()).not.toContain("Une phrase de plus.");
    expect(await workspace.pulumi("preview", "--expect-no-changes", "--stack", "dev")).toMatchObject({ exitCode: 0 });
    expect((await npm("rollback", "--", "-s", "dev")).stdout).toMatch(
      new RegExp(`^articles +${earlier} +\\S+Z +served$`, "m"),
    );
    const unknown = await npm("rollback", "--", "-s", "dev", "articles", "--to", "0000000");
    expect([unknown.exitCode, unknown.output.includes('--to: articles has no version "0000000"')]).toEqual([2, true]);

    expect(await npm("rollback", "--", "-s", "dev", "articles", "--off")).toMatchObject({ exitCode: 0 });
    expect(await page()).toContain("Une phrase de plus.");
    expect(await started()).toEqual(before);
  });

  it("is followed by a status that tells what works", async () => {
    const { stdout, exitCode } = await npm("status", "--", "-s", "dev", "--json");
    expect(exitCode).toBe(0);
    const { services } = JSON.parse(stdout) as Status;
    expect(services[0]).toMatchObject({ version: second, containers: [{ works: true, state: "running" }] });
    const [name] = services[0]?.containers.map((container) => container.name) ?? [];
    await workspace.docker.getContainer(name ?? "").stop({ t: 0 });
    const stopped = await npm("status", "--", "-s", "dev");
    expect(stopped.exitCode).toBe(1);
    expect(stopped.output).toMatch(new RegExp(`^website .* ${name} is exited$`, "m"));
  });
});
