import { describe, expect, it } from "vitest";
import {
  parseDestroy,
  parseDrift,
  parsePreview,
  parseReproduce,
  parseReview,
  parseRotate,
  parseStack,
  parseSweep,
  parseUp,
} from "../../../toolchain/arguments.ts";

describe("the arguments of a command on a stack", () => {
  it("are a stack and what it is asked for", () => {
    expect(parseStack(["-s", "prod", "web", "--to", "1a2b"])).toEqual({
      stack: "prod",
      to: "1a2b",
      off: false,
      json: false,
      others: ["web"],
    });
  });

  it.each([
    [[], "a stack is needed: -s STACK"],
    [["-s", "prod", "--to", "1", "--off"], "--to and --off exclude each other"],
    [["-s", "prod", "--jsn"], /^Unknown option '--jsn'/],
  ])("are refused when they are %j", (args, message) => {
    expect(() => parseStack(args)).toThrow(message);
  });

  it("hand every flag but the stack on to pulumi up", () => {
    expect(parseUp(["-s", "prod", "--refresh", "--target", "urn:x"])).toEqual({
      stack: "prod",
      flags: ["--refresh", "--target", "urn:x"],
    });
    expect(parseUp(["--stack=prod", "--diff"])).toEqual({ stack: "prod", flags: ["--diff"] });
    expect(() => parseUp(["--diff"])).toThrow("a stack is needed: -s STACK");
  });
});

describe("the arguments of a look at a stack", () => {
  it("are a stack, and where the preview goes", () => {
    expect(parsePreview(["-s", "qa", "--out", "a.json"])).toEqual({ stack: "qa", json: false, out: "a.json" });
    expect(parseDrift(["-s", "qa", "--deployed", "--json"])).toEqual({ stack: "qa", json: true, deployed: true });
    expect(() => parsePreview(["--json"])).toThrow("a stack is needed: -s STACK");
    expect(() => parseDrift(["-s", "qa", "--out", "x"])).toThrow("Unknown option '--out'");
  });
});

describe("the arguments of a review environment", () => {
  it("are a branch, and how long it lives", () => {
    expect(parseReview(["feature/x"])).toEqual({ branch: "feature/x", ttl: "7d", dotenv: undefined });
    expect(parseReview(["x", "--ttl", "12h", "--dotenv", "a.env"])).toEqual({
      branch: "x",
      ttl: "12h",
      dotenv: "a.env",
    });
  });

  it.each([
    [[], 'one branch is needed, got ""'],
    [[""], 'one branch is needed, got ""'],
    [["a", "b"], 'one branch is needed, got "a b"'],
  ])("are refused when they are %j", (args, message) => {
    expect(() => parseReview(args)).toThrow(message);
  });

  it("name it by its stack or its branch when it is destroyed", () => {
    expect(parseDestroy(["-s", "review-x"])).toEqual({ stack: "review-x", removed: undefined });
    expect(parseDestroy(["--branch", "feature/x"])).toEqual({ branch: "feature/x" });
    expect(() => parseDestroy([])).toThrow("a stack is needed: -s STACK");
    expect(() => parseDestroy(["-s", "a", "--branch", "b"])).toThrow("--stack and --branch exclude each other");
  });

  it("say what is to become of an environment's data when it is destroyed", () => {
    expect(parseDestroy(["-s", "qa", "--keep-data"])).toEqual({ stack: "qa", removed: [] });
    expect(parseDestroy(["-s", "qa", "--remove-data", "a", "--remove-data=b"])).toEqual({
      stack: "qa",
      removed: ["a", "b"],
    });
    expect(() => parseDestroy(["-s", "qa", "--keep-data", "--remove-data", "a"])).toThrow(
      "--keep-data and --remove-data exclude each other: what is not named stays",
    );
    expect(() => parseDestroy(["--branch", "x", "--keep-data"])).toThrow(
      "the data of a review environment goes with it",
    );
  });

  it("are none when all of them are swept", () => {
    expect(parseSweep([])).toEqual({ remote: "origin", dryRun: false, json: false });
    expect(parseSweep(["--dry-run", "--remote=up", "--json"])).toEqual({ remote: "up", dryRun: true, json: true });
    expect(() => parseSweep(["review-x"])).toThrow("Unexpected argument 'review-x'");
  });
});

describe("the arguments of a build that is made twice", () => {
  it("are a stack and a service", () => {
    expect(parseReproduce(["-s", "dev", "web"])).toEqual({ stack: "dev", service: "web", json: false });
    expect(() => parseReproduce(["-s", "dev"])).toThrow("one service is needed, got 0");
    expect(() => parseReproduce(["web"])).toThrow("a stack is needed: -s STACK");
  });
});

describe("the arguments of a rotation", () => {
  it("are a stack, a secret, and whether to finish", () => {
    expect(parseRotate(["-s", "prod", "api", "--finish"])).toEqual({
      ...{ stack: "prod", secret: "api", finish: true, json: false },
    });
    expect(parseRotate(["-s", "prod"])).toMatchObject({ secret: undefined, finish: false });
  });

  it.each([
    [["-s", "prod", "a", "b"], "one secret is rotated at a time, got 2"],
    [["-s", "prod", "--finish"], "--finish needs the name of a secret"],
    [["a"], "a stack is needed: -s STACK"],
  ])("are refused when they are %j", (args, message) => {
    expect(() => parseRotate(args)).toThrow(message);
  });
});
