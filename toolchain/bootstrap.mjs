// The entry of every npm script. Runs on Node 20 with no package installed, so it is plain JavaScript on Node's own modules.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = 20;
const repository = join(dirname(fileURLToPath(import.meta.url)), "..");
const node24 = join(repository, "node_modules/.bin/node");
const command = process.argv.slice(2);

requireNode();
if (!packagesAreCurrent()) installPackages();
runCli();

function requireNode() {
  if (Number(process.versions.node.split(".")[0]) >= OLDEST_NODE) return;
  fail(
    `Slipway needs Node ${OLDEST_NODE} or newer to start, this is ${process.version}. Install a newer Node and run the command again.`,
  );
}

/** npm records what it installed in node_modules; that is compared with what package-lock.json asks for. */
function packagesAreCurrent() {
  if (!existsSync(node24)) return false;
  const wanted = packagesOf("package-lock.json");
  const installed = packagesOf("node_modules/.package-lock.json");
  if (wanted === undefined || installed === undefined) return false;
  const missing = Object.entries(wanted).some(
    ([path, { version, optional }]) =>
      path !== "" && !(optional && !installed[path]) && installed[path]?.version !== version,
  );
  return !missing && Object.keys(installed).every((path) => path in wanted);
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(repository, file), "utf8")).packages;
  } catch {
    return undefined;
  }
}

function installPackages() {
  const started = Date.now();
  // On stderr, so that `npm run env` prints nothing but exports.
  process.stderr.write("npm packages: installing (npm ci)\n");
  const { status, error } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: repository,
    stdio: ["ignore", 2, 2],
  });
  if (error || status !== 0) {
    const reason = error ? error.message : `it ended with ${status}`;
    fail(`npm ci failed: ${reason}. Its output is above; mend what it names and run the command again.`);
  }
  process.stderr.write(`npm packages: installed in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

function runCli() {
  const child = spawn(node24, [join(repository, "toolchain/cli.ts"), ...command], {
    stdio: "inherit",
    // Node's fetch takes the proxy that the rest of the machine uses only when told to.
    env: { NODE_USE_ENV_PROXY: "1", ...process.env },
  });
  // A terminal sends Ctrl-C to the child as well; a supervisor's signal reaches this process alone.
  process.on("SIGINT", () => undefined);
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) =>
    fail(`${node24} does not start: ${error.message}. Remove node_modules and run the command again.`),
  );
  child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(3);
}
