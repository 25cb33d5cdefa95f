import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { request } from "../support/request.ts";
import { openRegistry } from "../support/registry.ts";
import { createWorkspace } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

const FROM = "ARG BASE\n# slipway ignore=unpinned\nFROM ${BASE}\n";
const STACK = `
import { base, defineEnvironment } from "../components/index.ts";
const build = (context: string, of: string) => ({ context, args: { BASE: base(of) } });
export default defineEnvironment({
  domain: "demo.localhost",
  services: {
    site: {
      build: { ...build("site", "static"), platform: "linux/amd64", cache: true },
      port: 8080, routes: ["site"], health: { path: "/" }, memoryMb: 96,
    },
    app: { build: build("app", "node"), port: 3000, routes: ["app"], health: { path: "/" } },
    tool: { build: build("tool", "go"), steadySeconds: 0, stopSeconds: 1 },
  },
});`;
const PROGRAM = `import { createServer } from "node:http";
createServer((request, response) => response.end(process.env.GREETING ?? "none")).listen(3000);
`;

/** A clone of what there is, with other dates and a narrow umask, and a state that knows of the platform alone. */
const CLONE = `umask 077
cd "$1"
git init --quiet . && git add --all && git -c user.name=t -c user.email=t@localhost commit --quiet --message all
git clone --quiet "$1" "$2"
cd "$2"
find app site tool -exec touch --date 2001-02-03 {} +
[ -e node_modules ] || ln -s "$1/node_modules" node_modules
mkdir -p .slipway/state/.pulumi/stacks/slipway
cp -r "$1/.slipway/bundles" .slipway/
cp "$1/.slipway/state/.pulumi/stacks/slipway/platform.json" .slipway/state/.pulumi/stacks/slipway/`;

const report = z.object({
  images: z.array(
    z.object({ repository: z.string(), digest: z.string(), removed: z.boolean(), why: z.string().optional() }),
  ),
});

describe("the base images of a platform", () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await createWorkspace();
    await workspace.edit("stacks/platform.ts", (text) =>
      text
        .replace("import { settings }", 'import { bases } from "./shared/bases.ts";\nimport { settings }')
        .replace("registry: {", "registry: { keep: { count: 0, days: 0 },")
        // What is in the official image of Go and is needed here, the one of Node has as well.
        .replace("});", "  bases: { ...bases, go: { ...bases.go, args: { GO_IMAGE: settings.images.node } } },\n});"),
    );
    const put = async (file: string, content: string) => {
      await mkdir(join(workspace.directory, file, ".."), { recursive: true });
      await writeFile(join(workspace.directory, file), content);
    };
    await put("stacks/demo.ts", STACK);
    await put("site/Dockerfile", `${FROM}COPY index.html about.html /site/\n`);
    await put("site/index.html", "<h1>Site</h1>\n");
    await put("site/about.html", "<h1>About</h1>\n");
    await put("app/Dockerfile", `${FROM}COPY main.mjs .\nCMD ["main.mjs"]\n`);
    await put("app/main.mjs", PROGRAM);
    await put("tool/Dockerfile", `${FROM}COPY --chmod=755 busybox .\nCMD ["/app/busybox", "sleep", "1000"]\n`);
    await copyFile("/bin/busybox", join(workspace.directory, "tool/busybox"));
    await workspace.up("platform");
    await workspace.up("demo");
  });

  afterAll(async () => {
    await workspace.remove();
  });

  const get = async (host: string, path: string, headers?: Record<string, string>) => {
    const authority = String((await workspace.outputs("platform")).ca);
    return request({ host: `${host}.demo.localhost`, port: workspace.ports.https, path, authority, headers });
  };
  const bases = async () => (await workspace.outputs("platform")).bases as Record<string, string>;
  const containersOf = async (role: string) => {
    const filters = { label: [`slipway.namespace=${workspace.namespace}`, `slipway.role=${role}`] };
    const found = await workspace.docker.listContainers({ filters });
    return found.sort((a, b) => ((a.Names[0] ?? "") < (b.Names[0] ?? "") ? -1 : 1));
  };
  /** What the registry was asked, as the proxy before it has logged. */
  const registryRequests = async () => {
    const [proxy] = await containersOf("proxy");
    const { output } = await workspace.run("docker", ["logs", proxy?.Id ?? "none"]);
    return output.split("\n").filter((line) => /^\{.*"backend":"registry(-writes)?"/.test(line)).length;
  };

  it("start programs of Node, static sites and programs that are linked statically, without a shell", async () => {
    expect((await get("app", "/")).body).toBe("none");
    expect((await get("site", "/")).body).toBe("<h1>Site</h1>\n");
    expect((await get("site", "/about")).body).toBe("<h1>About</h1>\n");
    const containers = await containersOf("app");
    expect(containers.map(({ Labels, State }) => [Labels["slipway.service"], State])).toEqual([
      ["app", "running"],
      ["site", "running"],
      ["tool", "running"],
    ]);
    for (const { Id } of containers) {
      expect((await workspace.run("docker", ["exec", Id, "sh", "-c", "true"])).output).toContain(
        '"sh": executable file not found',
      );
    }
  });

  it("let clients of a static site keep what has not changed, and ask for the rest", async () => {
    const { headers } = await get("site", "/");
    const etag = String(headers.etag);

    expect(headers["cache-control"]).toBe("no-cache");
    expect(etag).toMatch(/^"[0-9a-f]{40}"$/);
    expect((await get("site", "/", { "if-none-match": etag })).status).toBe(304);
    expect((await get("site", "/about", { "if-none-match": etag })).status).toBe(200);
  });

  it("leave the last build in the registry where one asks for a cache there", async () => {
    const registry = await openRegistry(workspace);
    const tags = async (service: string) =>
      (await registry.ask("pull", `/v2/${workspace.namespace}/demo/${service}/manifests/cache`)).status;

    expect([await tags("site"), await tags("app")]).toEqual([200, 404]);
  });

  it.each([
    ["up", ["--yes", "--skip-preview"]],
    ["preview", []],
  ])("cost the registry no request in a pulumi %s that changes nothing", async (command, flags) => {
    const before = await registryRequests();
    expect(before).toBeGreaterThan(0);
    const { exitCode, output } = await workspace.pulumi(command, ...flags, "--expect-no-changes", "--stack", "demo");

    expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.any(String) as string });
    expect((await registryRequests()) - before).toBe(0);
  });

  it("and what stands on them are built the same but for the dates that the engine gives, which npm run reproduce tells", async () => {
    const reproduce = (service: string) =>
      workspace.run("npm", ["run", "--silent", "reproduce", "--", "-s", "demo", service]);
    const { stdout, exitCode } = await reproduce("app");

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^3 {6}COPY main\.mjs \. +dates differ: \/app$/m);
    expect(stdout).toContain("Dates alone differ: engine ");
    const images = await workspace.docker.listImages();
    expect(
      images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.startsWith("slipway-reproduce-")),
    ).toEqual([]);
    expect((await reproduce("ap")).output).toContain(
      'error demo builds no service "ap"\nto do Choose one of app, site, tool.',
    );
  });

  it("are kept by npm run gc, though no container runs them", async () => {
    const { exitCode, stdout } = await workspace.run("npm", ["run", "--silent", "gc", "--", "--json"]);
    expect(exitCode).toBe(0);
    const { images } = report.parse(JSON.parse(stdout));
    const kept = images.filter(({ repository }) => repository.includes("/platform/base-"));

    expect(kept.map(({ repository, why }) => [repository.slice(repository.lastIndexOf("/") + 1), why])).toEqual([
      ["base-go", "deployed"],
      ["base-node", "deployed"],
      ["base-static", "deployed"],
    ]);
    expect(
      kept.map(({ repository, digest }) => `127.0.0.1:${workspace.ports.registry}/${repository}@${digest}`).sort(),
    ).toEqual(Object.values(await bases()).sort());
  });

  it("build anew what stands on one that has changed, and nothing else, and the preview says so", async () => {
    const [before, running] = [await bases(), await containersOf("app")];
    await workspace.edit("bases/node/Dockerfile", (text) => text.replace("ENV ", "ENV GREETING=hello \\\n    "));
    await workspace.up("platform");
    const after = await bases();
    const short = (image: string | undefined) => /sha256:(.{12})/.exec(image ?? "")?.[1] ?? "none";
    const change = `built anew on another base image: BASE was ${short(before.node)}, is ${short(after.node)}`;

    const { stdout } = await workspace.run("npm", ["run", "--silent", "preview", "--", "-s", "demo"]);
    expect(stdout.match(/built anew on another base image/g)).toHaveLength(1);
    expect(stdout).toContain(change);
    const { output } = await workspace.up("demo");

    expect(output).toContain(change);
    expect((await get("app", "/")).body).toBe("hello");
    const stayed = running.filter(({ Labels }) => Labels["slipway.service"] !== "app").map(({ Id }) => Id);
    expect((await containersOf("app")).map(({ Id }) => Id)).toEqual(expect.arrayContaining(stayed));
    expect({ ...after, node: "" }).toEqual({ ...before, node: "" });
  });

  it("and the registry give the same commit the same digests from another clone, whatever its dates and umask", async () => {
    const digests = z.object({ releases: z.record(z.string(), z.object({ image: z.string() })) });
    const first = digests.parse(await workspace.outputs("demo")).releases;
    await workspace.pulumi("destroy", "--yes", "--skip-preview", "--stack", "demo");
    const [clone, state] = [`${workspace.directory}-clone`, `${workspace.directory}-clone/.slipway/state`];
    await workspace.run("sh", [...["-ec", CLONE, "sh", workspace.directory, clone]]);
    const again = (...args: string[]) =>
      workspace.run("sh", ["-c", 'cd "$0" && exec pulumi "$@" --non-interactive', clone, ...args], {
        PULUMI_BACKEND_URL: `file://${state}?metadata=skip`,
      });
    expect(await again("stack", "init", "demo")).toMatchObject({ exitCode: 0 });
    const { output, exitCode } = await again("up", "--yes", "--skip-preview", "--stack", "demo");
    const { stdout } = await again("stack", "output", "--json", "--stack", "demo");
    await rm(clone, { recursive: true });

    expect(exitCode, output).toBe(0);
    const taken = output.match(/not built: the registry has this very content as content-[0-9a-f]{12}$/gm);
    expect(new Set(taken).size).toBe(3);
    const second = digests.parse(JSON.parse(stdout)).releases;
    const images = (releases: typeof first) => Object.entries(releases).map(([service, { image }]) => [service, image]);
    expect(images(second)).toEqual(images(first));
  });
});
