import { describe, expect, it } from "vitest";
import { database } from "../../../../provider/database.ts";
import { isCalledRight } from "../../../../provider/database/aliases.ts";
import { surveyOf } from "../../../../provider/database/dialect.ts";
import { state } from "../../../../provider/database/inputs.ts";
import { dataAmong, missingFrom } from "../../../../provider/database/survey.ts";
import { contextFor } from "../context.ts";

const password = "a-generated-password";
const login = (name: string) => ({ name, database: "main", rights: "write" as const, password });
const node = (number: number) => ({ node: number, container: `container-${number}` });
const inputs = {
  ...{ namespace: "slipway", environment: "dev", database: "main", engine: "postgres" as const, network: "dev" },
  ...{ nodes: [node(1), node(2)], primary: 1, synchronous: false, databases: ["main", "reports"] },
  ...{ logins: [login("api"), login("web")], replicationPassword: password, backupPassword: password },
  ...{ readySeconds: 60, pidsLimit: 100 },
};
const plan = state.parse(inputs);

describe("a database on record", () => {
  const diff = (data?: Record<string, string>) =>
    database.diff?.({ inputs, state: { ...inputs, data } }, inputs, contextFor()).changed;

  it("from before its data was told from other data is looked at once, and then no more", () => {
    expect(diff()).toEqual(["data"]);
    expect(diff({ main: "one" })).toEqual([]);
  });

  it("has the same data in a preview, unless nobody knows whether it is there", () => {
    const foresee = (data?: Record<string, string>) =>
      database.foresee?.({ inputs, state: { ...inputs, data } }, { ...inputs, logins: [login("api")] });

    expect(foresee({ main: "one" })).toEqual({ data: { main: "one" } });
    expect(foresee()).toEqual({});
  });
});

describe("what is missing", () => {
  it("is named", () => {
    const found = { ...plan, nodes: [node(1)], databases: ["main"], logins: [login("web")] };

    expect(missingFrom(plan, found)).toEqual(["server main-2", "database reports", "login api"]);
    expect(missingFrom(plan, plan)).toEqual([]);
  });

  it("follows from what a server answers", () => {
    const survey = surveyOf([
      ["login", "api"],
      ["database", "main", "one"],
      ["database", "template1", ""],
      ["database", "reports"],
    ]);

    expect(survey.logins).toEqual(["api"]);
    expect(dataAmong(["main", "reports", "gone"], survey)).toEqual({ main: "one" });
  });

  it.each<[string[] | undefined, boolean, boolean]>([
    [["main-1", "main"], true, true],
    [["main-1"], true, false],
    [undefined, true, false],
    [["main-2", "main-replica"], false, true],
    [["main-2"], false, false],
    // An old primary that is called so still would take what is meant for the new one.
    [["main-2", "main-replica", "main"], false, false],
  ])("is a name on the network, or one too many: %j, as the primary: %s", (Aliases, isPrimary, expected) => {
    const Networks = Aliases ? { dev: { Aliases: ["0123456789ab", ...Aliases] } } : {};
    const info = { Id: "0123456789abcdef", NetworkSettings: { Networks } };

    expect(isCalledRight(info, "dev", { database: "main", isPrimary })).toBe(expected);
  });
});
