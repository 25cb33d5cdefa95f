import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkspace } from "../support/workspace.ts";
import type { CommandResult, Workspace } from "../support/workspace.ts";

describe("npm start", () => {
  let workspace: Workspace;
  let first: CommandResult;
  let env: Record<string, string>;

  beforeAll(async () => {
    workspace = await createWorkspace();
    await workspace.configure("platform");
    await workspace.configure("dev");
    // What a user's shell has: nothing of Pulumi's.
    env = Object.fromEntries(Object.entries(workspace.env).filter(([name]) => !name.startsWith("PULUMI_")));
    first = await start();
  });

  afterAll(async () => {
    await workspace.remove();
  });

  const npm = async (...args: string[]): Promise<CommandResult> => {
    const options = { cwd: workspace.directory, env, extendEnv: false, all: true, reject: false } as const;
    const { exitCode = -1, all, stdout } = await execa("npm", args, options);
    return { exitCode, output: all, stdout };
  };
  const start = () => npm("start");
  const url = () => `https://website.dev.localhost:${workspace.ports.https}/`;

  it("ends with the addresses of what it deployed and the authority to trust", () => {
    expect(first.output.trimEnd().split("\n").slice(-2)).toEqual(["CA file  .slipway/ca.pem", `website  ${url()}`]);
    expect(first.exitCode).toBe(0);
  });

  it("deploys what curl accepts with that authority alone", async () => {
    const { stdout } = await execa(
      "curl",
      [
        ...["--silent", "--cacert", ".slipway/ca.pem", "--write-out", "\n%{http_code}"],
        ...["--resolve", `website.dev.localhost:${workspace.ports.https}:127.0.0.1`, `${url()}fr`],
      ],
      { cwd: workspace.directory },
    );

    expect(stdout).toMatch(/<article|<h1/);
    expect(stdout.split("\n").at(-1)).toBe("200");
  });

  it("makes a passphrase that only its user can read", async () => {
    const { mode } = await stat(join(workspace.directory, ".slipway/passphrase"));

    expect((mode & 0o777).toString(8)).toBe("600");
  });

  it("tells of each need in a line of its own what was found or stands in", () => {
    const needs = first.output.split("\n").flatMap((line) => /^✔ (.+?): .+ \[[^\]]+\]$/.exec(line)?.[1] ?? []);

    expect(needs.filter((need) => !need.startsWith("Stack")).sort()).toEqual([
      "Docker engine",
      "Image haproxy",
      "Image node",
      "Image registry",
      "Own plugins",
      "Plugins",
      "Pulumi CLI",
      "State",
    ]);
  });

  it("changes nothing the second time", async () => {
    const { exitCode, output } = await start();

    expect(exitCode).toBe(0);
    expect(output.match(/^ +\d+ unchanged$/gm)).toHaveLength(2);
    expect(output).not.toMatch(/\d+ (created|updated|replaced|deleted)/);
  });

  it("leaves plain pulumi commands working in a shell that has the exports of npm run env", async () => {
    const { stdout: exports } = await npm("run", "--silent", "env");
    const { stdout } = await execa("sh", ["-c", `${exports}\npulumi stack output --json --stack dev`], {
      cwd: workspace.directory,
      env,
      extendEnv: false,
    });

    expect(JSON.parse(stdout)).toMatchObject({ urls: { website: [url()] } });
    expect(exports.split("\n").filter((line) => line !== "" && !line.startsWith("export "))).toEqual([]);
  });

  it("writes nothing into the repository but the stacks' own salt", async () => {
    const dev = await readFile(join(workspace.directory, "Pulumi.dev.yaml"), "utf8");

    expect(
      dev
        .split("\n")
        .filter((line) => /^\S/.test(line))
        .map((line) => line.split(":")[0]),
    ).toEqual(["config", "encryptionsalt"]);
  });
});
