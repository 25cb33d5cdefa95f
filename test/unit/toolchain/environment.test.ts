import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { exportLines, imageVariable, localBackend, pulumiEnvironment } from "../../../toolchain/environment.ts";
import { placesOf } from "../../../toolchain/places.ts";

const places = placesOf("/repo", { SLIPWAY_CACHE: "/cache" });
const provision = { pulumiBin: "/cache/pulumi/bin", images: {} };

describe("pulumiEnvironment", () => {
  it("puts the project's own Node and the Pulumi CLI first on PATH, once", () => {
    const first = pulumiEnvironment(provision, places, { PATH: "/usr/bin:/bin" });
    expect(first.PATH).toBe("/repo/node_modules/.bin:/cache/pulumi/bin:/usr/bin:/bin");
    expect(pulumiEnvironment(provision, places, { PATH: first.PATH }).PATH).toBe(first.PATH);
  });

  it("sets what Pulumi needs and nothing that Docker's defaults answer", () => {
    expect(pulumiEnvironment({ ...provision, backend: "file:///repo/.slipway/state" }, places, {})).toEqual({
      PATH: "/repo/node_modules/.bin:/cache/pulumi/bin",
      PULUMI_HOME: "/repo/.slipway/pulumi",
      PULUMI_CONFIG_PASSPHRASE_FILE: "/repo/.slipway/passphrase",
      PULUMI_BACKEND_URL: "file:///repo/.slipway/state",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      NODE_COMPILE_CACHE: "/cache/compile",
    });
  });

  it.each([{ PULUMI_CONFIG_PASSPHRASE: "" }, { PULUMI_CONFIG_PASSPHRASE_FILE: "/own" }])(
    "leaves the user's passphrase alone: %o",
    (inherited) => {
      expect(pulumiEnvironment(provision, places, inherited)).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE_FILE");
    },
  );

  it("leaves the user's state backend alone", () => {
    const environment = pulumiEnvironment({ ...provision, backend: "file:///repo/.slipway/state" }, places, {
      PULUMI_BACKEND_URL: "s3://states",
    });
    expect(environment).not.toHaveProperty("PULUMI_BACKEND_URL");
  });

  it("names our own engine and the images that stand in", () => {
    const environment = pulumiEnvironment(
      { ...provision, dockerHost: "unix:///cache/engine/docker.sock", images: { haproxy: "stand-in:2.6" } },
      places,
      {},
    );
    expect(environment).toMatchObject({
      DOCKER_HOST: "unix:///cache/engine/docker.sock",
      SLIPWAY_IMAGE_HAPROXY: "stand-in:2.6",
    });
  });
});

describe("localBackend", () => {
  const backend = (url: string) => localBackend(`name: slipway\nbackend:\n  url: ${url}\n`, "/repo/Pulumi.yaml");

  it("makes a relative address absolute, beside the project file", () => {
    expect(backend("file://.slipway/state")).toBe("file:///repo/.slipway/state");
    expect(backend("file://state?metadata=skip")).toBe("file:///repo/state?metadata=skip");
  });

  it.each(["file:///var/state", "file://~", "s3://states"])("leaves %s to Pulumi", (url) => {
    expect(backend(url)).toBeUndefined();
  });

  it("leaves a project without a backend to Pulumi", () => {
    expect(localBackend("name: slipway\n", "/repo/Pulumi.yaml")).toBeUndefined();
  });
});

it("writes exports that a shell reads back as they were", () => {
  const value = `a 'quoted' $HOME \\ "value"`;
  const printed = execFileSync("sh", ["-c", `${exportLines({ TRICKY: value })}printf %s "$TRICKY"`], {
    encoding: "utf8",
  });
  expect(printed).toBe(value);
});

it("names the variable of an image", () => {
  expect(imageVariable("dns-server")).toBe("SLIPWAY_IMAGE_DNS_SERVER");
});

it("takes the cache from SLIPWAY_CACHE, then from the user's cache directory", () => {
  expect(placesOf("/repo", { XDG_CACHE_HOME: "/home/me/cache" }).cache).toBe("/home/me/cache/slipway");
  expect(places.cache).toBe("/cache");
});
