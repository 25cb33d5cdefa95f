import { afterAll, beforeAll, expect, it } from "vitest";
import { release } from "../../../provider/release.ts";
import { recordFault } from "../../support/fault-results.ts";
import { TestPlatform } from "../provider/harness.ts";

const platform = new TestPlatform();

beforeAll(() => platform.start({ type: "tmpfs", device: "tmpfs", o: "size=512k,uid=99,gid=99" }));
afterAll(() => platform.stop());

function inputsOf(container: string) {
  return {
    ...{ namespace: platform.namespace, environment: "dev", service: "full", network: platform.namespace },
    ...{ containers: [container], image: `${container}@sha256:0`, version: container },
    ...{ port: 8080, health: { path: "/health" }, hosts: ["full.test"], drainSeconds: 5, gateSeconds: 10 },
  };
}

it("a full disk on the proxy's volume ends a release, whose predecessor serves on, and the next one needs no help", async () => {
  const old = inputsOf(await platform.startApp("full", { version: "old" }));
  const { state } = await release.create(old, platform.context);
  const next = inputsOf(await platform.startApp("full", { version: "next" }));
  const endLoad = platform.startLoad("full.test", 2);

  await platform.inProxy("dd if=/dev/zero of=/etc/slipway/filler bs=1024 2>/dev/null || true");
  const since = Date.now();
  await expect(release.update?.("", { ...old, ...state }, next, platform.context)).rejects.toThrow(
    /cannot write to the proxy's volume: tmpfs .* 100% \/etc\/slipway/,
  );
  expect(await platform.get("full.test")).toMatchObject({ status: 200, body: "old" });

  await platform.inProxy("rm /etc/slipway/filler");
  await release.update?.("", { ...old, ...state }, next, platform.context);
  const seconds = Math.round((Date.now() - since) / 100) / 10;
  expect(await platform.get("full.test")).toMatchObject({ status: 200, body: "next" });
  const { answers, failures } = await endLoad();
  expect(failures).toEqual([]);
  await recordFault({
    fault: "disk full on the proxy's volume",
    recovery: "free the disk, pulumi up",
    result: "the release fails and says so, the old version serves; the next one succeeds",
    requestsLost: failures.length,
    requests: [...answers.values()].reduce((sum, count) => sum + count, 0),
    seconds,
  });
});
