import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { extract } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  buildContext,
  contextArchive,
  contextDigest,
  dockerfileInArchive,
} from "../../../../../toolchain/plugins/docker/build-context.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "slipway-context-"));
  write("Dockerfile", "FROM scratch\n");
  write("src/main.ts", "main\n");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe("contextDigest", () => {
  it("is decided by paths, modes and content alone", async () => {
    expect(await digestHere()).toBe("cd7cdd2806bfec9b0a439337c3244575b499bf76477caed075a2c780d7554f82");
  });

  it.each([
    [
      "another content",
      () => {
        write("src/main.ts", "niam\n");
      },
    ],
    [
      "another path",
      () => {
        write("src/other.ts", "main\n");
      },
    ],
    [
      "another mode",
      () => {
        chmodSync(join(directory, "src/main.ts"), 0o755);
      },
    ],
    [
      "another link",
      () => {
        symlinkSync("main.ts", join(directory, "src/link.ts"));
      },
    ],
    [
      "another Dockerfile",
      () => {
        write("Dockerfile", "FROM busybox\n");
      },
    ],
  ])("changes with %s", async (_what, change) => {
    const before = await digestHere();
    change();

    expect(await digestHere()).not.toBe(before);
  });

  it("follows no link, so that a link to nowhere and a changed target are no matter", async () => {
    symlinkSync("nowhere", join(directory, "link"));
    const before = await digestHere();
    write("nowhere", "");
    const beside = await digestHere();
    rmSync(join(directory, "nowhere"));

    expect(beside).not.toBe(before);
    expect(await digestHere()).toBe(before);
  });

  it("does not see what .dockerignore leaves out", async () => {
    write(".dockerignore", "**/*.log\nnode_modules\n");
    const before = await digestHere();
    write("src/a.log", "1");
    write("node_modules/x/index.js", "1");

    expect(await digestHere()).toBe(before);
  });

  it("sees the Dockerfile even where .dockerignore leaves it out", async () => {
    write(".dockerignore", "Dockerfile\n");
    const before = await digestHere();
    write("Dockerfile", "FROM busybox\n");

    expect(await digestHere()).not.toBe(before);
  });
});

describe("contextArchive", () => {
  it("holds what the rules keep, directories before what is in them", async () => {
    write("docs/a.md", "");
    write("docs/keep.md", "");
    write(".dockerignore", "docs\n!docs/keep.md\n.dockerignore\n");

    expect(await namesIn(directory)).toEqual(["Dockerfile", "docs/keep.md", "src", "src/main.ts"]);
  });

  it("prefers the rules beside the Dockerfile", async () => {
    write(".dockerignore", "src\n");
    write("Dockerfile.dockerignore", "Dockerfile*\n.dockerignore\n");

    expect(await namesIn(directory)).toEqual(["Dockerfile", "src", "src/main.ts"]);
  });

  it("takes a Dockerfile from outside under a name of its own", async () => {
    const context = buildContext({ context: join(directory, "src"), dockerfile: join(directory, "Dockerfile") });

    expect(dockerfileInArchive(context)).toBe(".slipway-Dockerfile");
    expect(await namesIn(join(directory, "src"), join(directory, "Dockerfile"))).toEqual([
      ".slipway-Dockerfile",
      "main.ts",
    ]);
  });
});

function write(path: string, content: string): void {
  const file = join(directory, path);
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, content, { mode: 0o644 });
}

function digestHere(): Promise<string> {
  return contextDigest(buildContext({ context: directory }));
}

async function namesIn(context: string, dockerfile?: string): Promise<string[]> {
  const names: string[] = [];
  const archive = await contextArchive(buildContext({ context, dockerfile }));
  for await (const entry of archive.pipe(extract())) {
    names.push(entry.header.name);
    entry.resume();
  }
  return names;
}
