import { createHash } from "node:crypto";
import { cp, glob, mkdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "esbuild";
import type { Places } from "./places.ts";

/** Sources of the plugins that this project brings, by plugin name. */
export const PLUGIN_SOURCES: Record<string, string> = {
  docker: "toolchain/plugins/docker/main.ts",
  random: "toolchain/plugins/random/main.ts",
  slipway: "provider/main.ts",
  tls: "toolchain/plugins/tls/main.ts",
};

/**
 * Bundles the project's own plugins into one file each, which halves the time that a plugin takes to start. Does nothing
 * when the bundles are those of the sources that are there.
 *
 * @returns whether anything was bundled.
 */
export async function bundlePlugins(places: Places): Promise<boolean> {
  const readAt = new Date();
  const digest = await digestOfSources(places.repository);
  const stamp = join(places.bundles, "sources.sha256");
  if ((await readFile(stamp, "utf8").catch(() => undefined)) === digest) return false;
  await rm(places.bundles, { recursive: true, force: true });
  const { build } = await import("esbuild");
  await build({
    entryPoints: Object.fromEntries(
      Object.entries(PLUGIN_SOURCES).map(([name, source]) => [name, join(places.repository, source)]),
    ),
    outdir: places.bundles,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    // Less to read at every start. Names stay, for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    platform: "node",
    target: "node24",
    // An ES module that imports node:http makes Node load its fetch and WebSocket too, which takes a quarter of a start.
    format: "cjs",
    external: ["cpu-features", "*.node"],
    plugins: [lateSsh],
    logLevel: "silent",
  });
  // dockerode reads these beside itself when it builds an image.
  await cp(join(places.repository, "node_modules/dockerode/lib/proto"), join(places.bundles, "proto"), {
    recursive: true,
  });
  // launch-plugin takes a bundle for stale when a source is newer; a source saved while bundling must be.
  const names = Object.keys(PLUGIN_SOURCES);
  await Promise.all(names.map((name) => utimes(join(places.bundles, `${name}.cjs`), readAt, readAt)));
  await mkdir(places.bundles, { recursive: true });
  await writeFile(stamp, digest);
  return true;
}

async function digestOfSources(repository: string): Promise<string> {
  const files = ["package-lock.json", "toolchain/bundles.ts"];
  for await (const file of glob("{backup,provider,toolchain/plugins}/**/*.{ts,json}", { cwd: repository }))
    files.push(file);
  const hash = createHash("sha256");
  for (const file of files.sort()) hash.update(`${file}\0`).update(await readFile(join(repository, file)));
  return hash.digest("hex");
}

// dockerode loads an SSH client at once, which slows every start; provider/engine/ goes through the user's own ssh.
const lateSsh: Plugin = {
  name: "late-ssh",
  setup: (build) => {
    build.onResolve({ filter: /^\.\/ssh$/ }, ({ resolveDir }) =>
      resolveDir.endsWith("docker-modem/lib") ? { path: join(resolveDir, "ssh.js"), namespace: "late" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "late" }, ({ path }) => ({
      contents: `module.exports = (...args) => require(${JSON.stringify(path)})(...args);`,
      resolveDir: join(path, ".."),
    }));
  },
};
