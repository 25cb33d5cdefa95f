import { spawnSync } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

const source = join(import.meta.dirname, "../../../toolchain/bootstrap.mjs");
const locked = {
  "": {},
  "node_modules/a": { version: "1.0.0" },
  "node_modules/b": { version: "2.0.0", optional: true },
};
let repository: string;

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), "slipway-bootstrap-"));
  await mkdir(join(repository, "toolchain"));
  await mkdir(join(repository, "bin"));
  await copyFile(source, join(repository, "toolchain/bootstrap.mjs"));
  await writeFile(
    join(repository, "toolchain/cli.ts"),
    "process.stdout.write(process.argv.slice(2).join()); process.exitCode = 7;",
  );
  await writeFile(join(repository, "package-lock.json"), JSON.stringify({ packages: locked }));
  const npm = join(repository, "bin/npm");
  await writeFile(
    npm,
    `#!/bin/sh
echo "npm $1"
mkdir -p node_modules/.bin && ln -sf "${process.execPath}" node_modules/.bin/node && touch installed
`,
  );
  await chmod(npm, 0o755);
});

afterEach(async () => {
  await rm(repository, { recursive: true });
});

function bootstrap(...args: string[]) {
  return spawnSync(process.execPath, [join(repository, "toolchain/bootstrap.mjs"), ...args], {
    encoding: "utf8",
    env: { PATH: `${join(repository, "bin")}:${process.env.PATH ?? ""}` },
  });
}

async function install(packages: object): Promise<void> {
  await mkdir(join(repository, "node_modules/.bin"), { recursive: true });
  await symlink(process.execPath, join(repository, "node_modules/.bin/node"));
  await writeFile(join(repository, "node_modules/.package-lock.json"), JSON.stringify({ packages }));
}

it("installs packages where there are none, says so on stderr alone, and passes arguments and exit code on", () => {
  const { status, stdout, stderr } = bootstrap("env", "--flag");
  expect({ status, stdout }).toEqual({ status: 7, stdout: "env,--flag" });
  expect(stderr).toMatch(/^npm packages: installing \(npm ci\)\nnpm ci\nnpm packages: installed in \d+\.\d s\n$/);
});

it("installs nothing where all is there but what this platform leaves out", async () => {
  await install({ "node_modules/a": { version: "1.0.0" } });
  expect(bootstrap("env").stderr).toBe("");
});

it.each([
  ["another version", { "node_modules/a": { version: "0.9.0" } }],
  ["a missing package", {}],
  [
    "a package that is locked no longer",
    { "node_modules/a": { version: "1.0.0" }, "node_modules/c": { version: "1.0.0" } },
  ],
])("installs again after %s", async (_, packages) => {
  await install(packages);
  bootstrap("env");
  expect(await readFile(join(repository, "installed"), "utf8")).toBe("");
});

it("says what to do when npm fails", async () => {
  await writeFile(join(repository, "bin/npm"), "#!/bin/sh\nexit 5\n");
  const { status, stderr } = bootstrap("start");
  expect(status).toBe(3);
  expect(stderr).toContain(
    "npm ci failed: it ended with 5. Its output is above; mend what it names and run the command again.",
  );
});
