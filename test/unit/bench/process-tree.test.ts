import { execa } from "execa";
import { once } from "node:events";
import { expect, test } from "vitest";
import { descendants } from "../../../bench/process-tree.ts";

test.runIf(process.platform === "linux")("finds children and their children, each with its memory", async () => {
  const grandchild = "setInterval(() => {}, 1000)";
  const child = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(grandchild)}]).on("spawn", () => console.log("ready"))`;
  const abort = new AbortController();
  const tree = execa("sh", ["-c", `"${process.execPath}" -e '${child}' & wait`], {
    cancelSignal: abort.signal,
    reject: false,
    detached: true,
  });
  await once(tree.stdout, "data");
  const found = await descendants(process.pid);
  if (tree.pid !== undefined) process.kill(-tree.pid);
  await tree;
  const names = found.map(({ name }) => name);
  expect(names).toContain("sh");
  expect(names.filter((name) => name === "node")).toHaveLength(2);
  expect(found.find(({ name }) => name === "node")?.mebibytes).toBeGreaterThan(10);
});
