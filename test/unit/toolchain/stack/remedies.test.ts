import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { errorsIn, remediesFor } from "../../../../toolchain/stack/remedies.ts";

const REMEDY =
  "The engine has no addresses left for another network. Destroy an environment that nobody needs (npm run sweep), or give " +
  "the engine more: docs/operations.md, Networks.";

it.each([
  "creating dev-network: could not find an available, non-overlapping IPv4 address pool among the defaults",
  "all predefined address pools have been fully subnetted",
])("an engine that says %j needs room for networks", (error) => {
  expect(remediesFor(["another", error, error])).toEqual([REMEDY]);
});

it("for any other error there is nothing to add", () => {
  expect(remediesFor(["container dev-web-1 exited with code 1"])).toEqual([]);
});

it("errors are told apart from all else that Pulumi writes into its log of events", async () => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-test-"));
  const file = join(directory, "events.json");
  const events = [
    { sequence: 1, preludeEvent: { config: {} } },
    { sequence: 2, diagnosticEvent: { severity: "warning", message: "look out" } },
    { sequence: 3, diagnosticEvent: { severity: "error", message: "no room" } },
  ];
  await writeFile(file, events.map((each) => `${JSON.stringify(each)}\n`).join(""));

  expect(await errorsIn(file)).toEqual(["no room"]);
  expect(await errorsIn(join(directory, "none"))).toEqual([]);
  await rm(directory, { recursive: true });
});
