import Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shell } from "../../../provider/proxy/shell.ts";
import { IMAGE } from "./harness.ts";

describe("a script in a container", () => {
  const docker = new Docker();
  let container: Docker.Container;

  beforeAll(async () => {
    container = await docker.createContainer({ Image: IMAGE, Entrypoint: ["sleep", "600"], Cmd: [] });
    await container.start();
  });

  afterAll(async () => {
    await container.remove({ force: true });
  });

  const processes = async () => ((await container.top()) as { Processes: unknown[] }).Processes.length;

  it("gets its arguments as they are, and what it prints comes back byte by byte", async () => {
    const words = ["two words", "it's", 'a "quote"', "$HOME `x`", "line 1\nline 2", "é\u001e", ""];
    expect(await shell(container, `printf '%s|' "$@"`, ...words)).toBe(words.map((word) => `${word}|`).join(""));
    expect((await shell(container, "head -c 3000000 /dev/zero | tr '\\0' x")).length).toBe(3_000_000);
  });

  it("fails with its exit code and all that it printed", async () => {
    await expect(shell(container, "echo out; echo err >&2; exit 3")).rejects.toThrow(
      "exit code 3 in the proxy's container: out\n\nerr",
    );
  });

  it("leaves nothing of itself to the next one, which runs in the same open shell", async () => {
    await shell(container, "cd /tmp; leaked=1; umask 077");
    const before = await processes();
    expect(await shell(container, 'pwd; echo "${leaked:-nothing}"; cat')).toBe("/\nnothing\n");
    expect(await processes()).toBe(before);
  });

  it("runs beside others", async () => {
    const script = 'touch "/tmp/$1"; while [ ! -e "/tmp/$2" ]; do sleep 0.05; done; echo "$1"';
    expect(await Promise.all([shell(container, script, "a", "b"), shell(container, script, "b", "a")])).toEqual([
      "a\n",
      "b\n",
    ]);
  });

  it("fails when its container stops, and the next one runs once it is back", async () => {
    const running = shell(container, "touch /tmp/runs; sleep 600").catch((error: unknown) => String(error));
    await shell(container, "while [ ! -e /tmp/runs ]; do sleep 0.05; done");
    await container.restart({ t: 0 });
    expect(await running).toContain("the container was stopped, or the engine was lost, while a script ran in it");
    expect(await shell(container, "echo back")).toBe("back\n");
  });
});
