import { describe, expect, it } from "vitest";
import { chosen } from "../../../toolchain/commands/destroy-stack.ts";
import { UserError } from "../../../toolchain/errors.ts";

const logs = { name: "slipway-qa-logs", short: "logs" };
const uploads = { name: "slipway-qa-uploads", short: "uploads" };
const LEAVING =
  "--keep-data leaves all volumes on the engine, --remove-data NAME removes one: npm run destroy -- -s qa --keep-data";

describe("the volumes that go with a stack", () => {
  it("are those that are named, by either name", () => {
    expect(chosen("qa", [logs, uploads], [])).toEqual([]);
    expect(chosen("qa", [logs, uploads], ["uploads"])).toEqual([uploads]);
    expect(chosen("qa", [logs, uploads], ["slipway-qa-logs", "uploads"])).toEqual([logs, uploads]);
  });

  it("have to be said", () => {
    expect(() => chosen("qa", [logs, uploads], undefined)).toThrow(
      new UserError("qa is none of a review, and nothing is said of its data: logs, uploads", LEAVING, 2),
    );
  });

  it("have to be there", () => {
    expect(() => chosen("qa", [logs], ["log", "logs", "x"])).toThrow(
      new UserError('--remove-data: qa has no volume "log", "x"; nothing was touched', "Choose of logs.", 2),
    );
  });
});
