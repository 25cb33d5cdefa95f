import { describe, expect, it } from "vitest";
import { z } from "zod";
import { UNKNOWN } from "../../../../provider/plugin/resource.ts";
import { inputFaults } from "../../../../toolchain/plugins/input-faults.ts";

const schema = z.strictObject({
  image: z.string(),
  memory: z.number().optional(),
  ports: z.array(z.strictObject({ internal: z.number() })).optional(),
});

describe("inputFaults", () => {
  it("names an input that is not known, however deep, by its path", () => {
    const faults = inputFaults(schema, { image: "web", gpus: "all", ports: [{ internal: 80, hostPort: 8080 }] });

    expect(faults.map(({ property }) => property)).toEqual(["ports[0].hostPort", "gpus"]);
    expect(faults[0]?.reason).toBe(
      'Slipway\'s stand-in for this plugin does not know the input "hostPort": leave it out, or use the official plugin',
    );
  });

  it("names every wrong value at once", () => {
    expect(inputFaults(schema, { memory: "64", ports: [{}] }).map(({ property }) => property)).toEqual([
      "image",
      "memory",
      "ports[0].internal",
    ]);
  });

  it("passes over what a preview does not know yet, and over hidden inputs", () => {
    expect(inputFaults(schema, { image: UNKNOWN, memory: UNKNOWN, ports: [UNKNOWN], __defaults: ["name"] })).toEqual(
      [],
    );
  });
});
