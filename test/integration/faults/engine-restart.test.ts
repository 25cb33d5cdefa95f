import { afterAll, beforeAll, expect, it } from "vitest";
import { recordFault } from "../../support/fault-results.ts";
import { createFaultyWorkspace } from "../../support/faulty.ts";
import type { FaultyWorkspace } from "../../support/faulty.ts";
import { startOwnEngine } from "../../support/own-engine.ts";
import type { OwnEngine } from "../../support/own-engine.ts";

const { SLIPWAY_IMAGE_HAPROXY = "", SLIPWAY_IMAGE_NODE = "", SLIPWAY_IMAGE_REGISTRY = "" } = process.env;
const HOST = "app.faults.localhost";

let engine: OwnEngine;
let workspace: FaultyWorkspace;

beforeAll(async () => {
  engine = await startOwnEngine();
  await engine.load(SLIPWAY_IMAGE_HAPROXY, SLIPWAY_IMAGE_NODE, SLIPWAY_IMAGE_REGISTRY);
  process.env.DOCKER_HOST = engine.host;
  workspace = await createFaultyWorkspace({ supervisor: false });
});

afterAll(async () => {
  await workspace.remove();
  await engine.remove();
});

it("an environment is there again after its engine was restarted, as it was declared", async () => {
  expect(await answering()).toBe("1");
  const since = Date.now();
  await engine.restart();
  const asked: string[] = [];
  const ask = async () => {
    asked.push(await answering());
    return asked.at(-1);
  };
  await expect.poll(ask, { timeout: 60_000, interval: 100 }).toBe("1");
  const seconds = Math.round((Date.now() - since) / 100) / 10;

  const preview = await workspace.pulumi("preview", "--refresh", "--expect-no-changes", "--stack", "faults");
  expect(preview.exitCode, preview.output).toBe(0);
  await workspace.declare({ edition: "2" });
  expect(await workspace.deploy()).toMatchObject({ exitCode: 0 });
  expect(await answering()).toBe("2");
  await recordFault({
    fault: "engine restart, without live-restore",
    recovery: "none: restart policies",
    result: "answers again, as declared",
    requestsLost: asked.filter((answer) => answer !== "1").length,
    requests: asked.length,
    seconds,
  });
});

/** The edition that answers, asked where the engine's ports are. */
async function answering(): Promise<string> {
  const { https } = workspace.ports;
  const place = ["--resolve", `${HOST}:${https}:127.0.0.1`, `https://${HOST}:${https}/`];
  const quick = ["--insecure", "--silent", "--fail", "--max-time", "2"];
  return engine.run("curl", [...quick, ...place]).then(
    (body) => body.trim(),
    () => "no answer",
  );
}
