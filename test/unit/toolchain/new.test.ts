import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEnvironment, withDomainOf, withoutSecrets } from "../../../toolchain/commands/new.ts";

let repository: string;

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), "slipway-new-"));
  await mkdir(join(repository, "stacks"));
  await writeFile(join(repository, "stacks/settings.ts"), "");
  await writeFile(join(repository, "stacks/dev.ts"), `export default { domain: "dev.localhost" };\n`);
  await writeFile(join(repository, "Pulumi.dev.yaml"), "encryptionsalt: v1:abc\nconfig:\n  slipway:colour: red\n");
});

afterEach(async () => {
  await rm(repository, { recursive: true });
});

describe("createEnvironment", () => {
  it("copies the stack file under its own domain and the configuration without its salt", async () => {
    const { messages } = await createEnvironment(repository, "qa", "dev");
    expect(await readFile(join(repository, "stacks/qa.ts"), "utf8")).toBe(
      `export default { domain: "qa.localhost" };\n`,
    );
    expect(await readFile(join(repository, "Pulumi.qa.yaml"), "utf8")).toBe("config:\n  slipway:colour: red\n");
    expect(messages).toEqual([
      "Wrote stacks/qa.ts and Pulumi.qa.yaml, as dev has them.",
      "Next: pulumi stack init qa && pulumi up",
    ]);
  });

  it("says when the copy has no domain of its own", async () => {
    await writeFile(join(repository, "stacks/prod.ts"), `export default { domain: "example.org" };\n`);
    const { messages } = await createEnvironment(repository, "qa", "prod");
    expect(messages[1]).toBe("stacks/qa.ts names no domain prod.localhost: give it a domain of its own.");
  });

  it.each(["", "QA", "1a", "-a", "a-", "a.b", "a_b", "../a", "a".repeat(21)])("refuses the name %o", async (name) => {
    await expect(createEnvironment(repository, name, "dev")).rejects.toThrow(
      `name: must be a DNS label of at most 20 characters (a-z, 0-9 and -, beginning with a letter), got "${name}"`,
    );
    expect(await readdir(join(repository, "stacks"))).toEqual(["dev.ts", "settings.ts"]);
  });

  it.each(["dev", "settings"])("refuses the name %s, which is taken", async (name) => {
    await expect(createEnvironment(repository, name, "dev")).rejects.toThrow(`name: stacks/${name}.ts exists already`);
  });

  it("refuses a name whose configuration is there already, and writes nothing", async () => {
    await writeFile(join(repository, "Pulumi.qa.yaml"), "config: {}\n");
    await expect(createEnvironment(repository, "qa", "dev")).rejects.toThrow("Pulumi.qa.yaml exists already");
    expect(await readdir(join(repository, "stacks"))).toEqual(["dev.ts", "settings.ts"]);
  });

  it("refuses a review name, which needs no stack file", async () => {
    await expect(createEnvironment(repository, "review-1", "dev")).rejects.toMatchObject({
      remedy: "Run `pulumi stack init review-1 && pulumi up`.",
    });
  });

  it.each(["nowhere", "settings"])("lists the stacks there are when --from is %s", async (from) => {
    await expect(createEnvironment(repository, "qa", from)).rejects.toMatchObject({
      message: `--from: there is no stack file stacks/${from}.ts`,
      remedy: "Choose one of dev.",
      exitCode: 2,
    });
  });
});

it("gives a copy the domain below the one of the installation's settings", () => {
  expect(withDomainOf("qa", "prod", "domain: `prod.${settings.domain}`")).toBe("domain: `qa.${settings.domain}`");
});

it("leaves out secrets, which only their own stack can read, and names them", () => {
  const yaml = "encryptionsalt: v1:abc\nconfig:\n  # kept\n  slipway:a: 1\n  slipway:password:\n    secure: v1:xyz\n";
  expect(withoutSecrets(yaml)).toEqual({
    text: "config:\n  # kept\n  slipway:a: 1\n",
    secrets: ["slipway:password"],
  });
});
