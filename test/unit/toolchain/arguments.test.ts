import { describe, expect, it } from "vitest";
import { parseStack, parseUp } from "../../../toolchain/arguments.ts";

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
