import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { extract } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildContext, contextArchive, dockerfileInArchive } from "../../../../provider/image/build-context.ts";
import { contextDigest } from "../../../../provider/image/context-digest.ts";

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
    expect(await digestHere()).toBe("0e1305b4f9fbe505f95fd3feeb5520d37836b5020c0916f0565cca1cde78e00f");
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

  it("does not see the state of a project that is its own context", async () => {
    const before = await digestHere();
    write(".slipway/state/a.json", "{}");

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

describe("contextDigest with a memory", () => {
  const LATER = Date.now() + 60_000;
  const cache = () => join(directory, "..", `${basename(directory)}.json`);
  const remember = (now = LATER) => contextDigest(buildContext({ context: directory }), cache(), now);
  const remembered = () => JSON.parse(readFileSync(cache(), "utf8")) as { files: Record<string, { digest: string }> };

  afterEach(() => {
    rmSync(cache(), { force: true });
  });

  it("is the same as without", async () => {
    expect([await remember(), await remember()]).toEqual([await digestHere(), await digestHere()]);
  });

  it("reads no file that is as it was", async () => {
    const before = await remember();
    const memory = remembered();
    writeFileSync(
      cache(),
      JSON.stringify({
        ...memory,
        files: { ...memory.files, "src/main.ts": { ...memory.files["src/main.ts"], digest: "0" } },
      }),
    );

    expect(await remember()).not.toBe(before);
  });

  it("reads a file again that was written, even with size and date as they were", async () => {
    await remember();
    const { atime, mtime } = statSync(join(directory, "src/main.ts"));
    writeFileSync(join(directory, "src/main.ts"), "niam\n");
    utimesSync(join(directory, "src/main.ts"), atime, mtime);

    expect(await remember()).toBe(await digestHere());
  });

  it("does not remember a file that has only just been written, as it may be written again unnoticed", async () => {
    await remember(Date.now());

    expect(remembered().files).toEqual({});
  });

  it("forgets files that are gone", async () => {
    await remember();
    rmSync(join(directory, "src"), { recursive: true });
    await remember();

    expect(Object.keys(remembered().files)).toEqual(["Dockerfile"]);
  });

  it.each(["", "{", '{ "version": 0 }'])("begins anew where it holds %j", async (content) => {
    writeFileSync(cache(), content);

    expect(await remember()).toBe(await digestHere());
  });
});

describe("contextArchive", () => {
  it("is the same bytes for the same content, whatever dates, owners and umask a checkout has", async () => {
    const before = await archiveHere();
    chmodSync(join(directory, "src/main.ts"), 0o600);
    chmodSync(join(directory, "src"), 0o700);
    utimesSync(join(directory, "src/main.ts"), 1, 1);
    utimesSync(join(directory, "src"), 2, 2);

    expect(await archiveHere()).toEqual(before);
    chmodSync(join(directory, "src/main.ts"), 0o700);
    expect(await archiveHere()).not.toEqual(before);
  });

  it("holds what the rules keep, directories before what is in them", async () => {
    write("docs/a.md", "");
    write("docs/keep.md", "");
    write(".dockerignore", "docs\n!docs/keep.md\n.dockerignore\n");

    expect(await namesIn(directory)).toEqual(["Dockerfile", "docs/keep.md", "src", "src/main.ts"]);
  });

  it("never holds the project's state and passphrase", async () => {
    write(".slipway/passphrase", "secret");
    write(".dockerignore", "!.slipway\n");

    expect(await namesIn(directory)).toEqual([".dockerignore", "Dockerfile", "src", "src/main.ts"]);
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

async function archiveHere(): Promise<string> {
  return createHash("sha256")
    .update(await buffer(await contextArchive(buildContext({ context: directory }))))
    .digest("hex");
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
