import * as pulumi from "@pulumi/pulumi";
import type { Origin, PortRange } from "../components/index.ts";
import images from "../images.json" with { type: "json" };
import {
  abandonShape,
  objectSetting,
  packagesShape,
  pinsShape,
  primariesShape,
  rotationsShape,
} from "./shared/object-setting.ts";
import { countCommits, originOf, readCheckOut } from "./shared/repository.ts";

/** What differs between installations and machines; the stack files say the rest. */
export interface Settings {
  /** Project, as Pulumi.yaml names it. */
  project: string;
  /** Stack that is being deployed. */
  stack: string;
  /** First word of all that this installation owns on an engine. @default "slipway" */
  namespace: string;
  /** Domain under which environments get theirs. @default "localhost" */
  domain: string;
  /** Ports on which the proxy is reached, and its status page on loopback. @default 8080, 8443 and 8404 */
  ports: { http: number; https: number; status: number };
  /** Ports of the platform for environments that have one of their own. @default none */
  environmentPorts: PortRange | undefined;
  /** Port of the environment, where it has one of its own; `npm run review` gives it. @default none */
  port: number | undefined;
  /** Port of the registry on the engine's loopback address. @default 5000 */
  registryPort: number;
  /** Host of the registry on the proxy's port for HTTPS; undefined for loopback alone. */
  registryHost: string | undefined;
  /** Services that stay on an earlier image, by service; `npm run rollback` writes them. @default {} */
  pins: Record<string, string>;
  /** Number of the server that takes writes, by database; `npm run promote-replica` writes them. @default {} - the first one */
  primaries: Record<string, number>;
  /** Versions that data packages stay on, by volume; `npm run rollback` writes them. @default {} */
  packages: Record<string, string>;
  /** Places of the stack file whose data is given up, such as `volumes.uploads`. @default [] */
  abandoned: string[];
  /** Commit of the work tree, `-dirty` when its sources differ from it; undefined outside of a git repository. */
  commit: Promise<string | undefined>;
  /** Who deploys what from where. */
  origin: Promise<Origin>;
  /** Counts the commits that are in the second one and not in the first; undefined where the repository lacks either. */
  countCommits: (from: string, to: string) => Promise<number | undefined>;
  /** Images of the platform and of the examples; images.json has the defaults. */
  images: typeof images;
  /** Where the values of secrets come from. */
  secrets: {
    /** Those of the stack by name; `pulumi config set --secret --path slipway:secrets.<name>` sets one. @default {} */
    configured: Readonly<Record<string, pulumi.Output<string>>>;
    /** Directory of this machine with the files that `secretFile("…")` names; no part of the project. @default none */
    directory: string | undefined;
    /** Generated ones that were rotated, by name; `npm run rotate` writes them. @default {} */
    rotations: Record<string, { generation: number; keepsPrevious: boolean }>;
  };
  /** Address of the engine that the docker command would use; undefined for its own default. */
  dockerHost: string | undefined;
}

const NAMESPACE = "slipway";
const KNOWN = [
  ...["abandon", "domain", "environmentPorts", "httpPort", "httpsPort", "namespace", "packages", "pins", "port"],
  ...["primaries", "registryHost", "registryPort", "rotations", "secrets", "secretsDirectory", "statusPort"],
  ...Object.keys(images).map((name) => `${name}Image`),
].sort();

/**
 * The settings of the current stack: Pulumi configuration first (`pulumi config set slipway:httpPort 80`), then, for
 * images, the environment (`SLIPWAY_IMAGE_HAPROXY`), then the default. This is the only place that reads either.
 *
 * @throws {pulumi.RunError} when a setting is of the wrong type or out of range.
 */
export const settings: Settings = readSettings();

/** A misspelt setting would be a default in disguise. */
function refuseUnknown(keys: readonly string[]): void {
  const unknown = keys.filter(
    (key) => key.startsWith(`${NAMESPACE}:`) && !KNOWN.includes(key.slice(key.indexOf(":") + 1)),
  );
  if (unknown.length === 0) return;
  const file = `Pulumi.${pulumi.getStack()}.yaml`;
  throw new pulumi.RunError(
    `${file}: ${unknown.sort().join(", ")}: no such setting; there are ${KNOWN.map((key) => `${NAMESPACE}:${key}`).join(", ")}`,
  );
}

function readSettings(): Settings {
  refuseUnknown(Object.keys(pulumi.runtime.allConfig()));
  const config = new pulumi.Config(NAMESPACE);
  const checkOut = readCheckOut();
  const port = (key: string, fallback: number) => config.getNumber(key, { min: 1, max: 65535 }) ?? fallback;
  return {
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
    namespace: config.get("namespace", { pattern: /^[a-z][a-z0-9-]{0,19}$/ }) ?? "slipway",
    domain: config.get("domain") ?? "localhost",
    ports: { http: port("httpPort", 8080), https: port("httpsPort", 8443), status: port("statusPort", 8404) },
    environmentPorts: rangeOf(config.get("environmentPorts", { pattern: /^\d{1,5}-\d{1,5}$/ })),
    port: config.getNumber("port", { min: 1, max: 65535 }),
    registryPort: port("registryPort", 5000),
    registryHost: config.get("registryHost"),
    pins: objectSetting("pins", config.get("pins"), pinsShape),
    packages: objectSetting("packages", config.get("packages"), packagesShape),
    abandoned: objectSetting("abandon", config.get("abandon"), abandonShape),
    primaries: objectSetting("primaries", config.get("primaries"), primariesShape),
    commit: checkOut.then((it) => it?.commit),
    origin: checkOut.then((it) => originOf(process.env, it)),
    countCommits,
    secrets: {
      configured: readSecrets(config),
      directory: config.get("secretsDirectory"),
      rotations: objectSetting("rotations", config.get("rotations"), rotationsShape),
    },
    images: {
      haproxy: imageName(config, "haproxy"),
      mariadb: imageName(config, "mariadb"),
      node: imageName(config, "node"),
      postgres: imageName(config, "postgres"),
      registry: imageName(config, "registry"),
    },
    dockerHost: process.env.DOCKER_HOST,
  };
}

function rangeOf(ports: string | undefined): PortRange | undefined {
  const [first, last] = (ports ?? "").split("-").map(Number);
  return first === undefined || last === undefined ? undefined : { first, last };
}

/** The names of secrets are none, and are needed to tell which one is missing. */
function readSecrets(config: pulumi.Config): Settings["secrets"]["configured"] {
  const values: pulumi.Output<Record<string, string>> | undefined = config.getSecretObject("secrets");
  if (values === undefined) return {};
  const written: unknown = JSON.parse(pulumi.runtime.allConfig()[`${NAMESPACE}:secrets`] ?? "{}");
  const names = typeof written === "object" && written !== null ? Object.keys(written) : [];
  return Object.fromEntries(names.map((name) => [name, values.apply((all) => all[name] ?? "")]));
}

function imageName(config: pulumi.Config, name: keyof typeof images): string {
  return config.get(`${name}Image`) ?? process.env[`SLIPWAY_IMAGE_${name.toUpperCase()}`] ?? images[name];
}
