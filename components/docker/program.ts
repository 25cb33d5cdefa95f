import * as pulumi from "@pulumi/pulumi";
import type { Reveal, Secrets } from "../secrets.ts";
import type * as spec from "../spec/index.ts";
import { PASSWORD_FILE, databaseVariables } from "./database/logins.ts";
import { addressOf } from "./internal-ports.ts";
import type { Owner } from "./labels.ts";
import { SecretFiles } from "./slipway-resources.ts";

/** Directory of a container in which its secrets are files, as Docker's own secrets are. */
const SECRETS_DIRECTORY = "/run/secrets";

/** What a program runs with, whether it is a service's or a job's. */
export interface ProgramArgs {
  /** Whose program it is. */
  owner: Owner;
  spec: Pick<spec.Service, "env" | "secrets" | "database" | "mounts">;
  /** Database servers of the environment by name. */
  databases: Readonly<Record<string, spec.Database>>;
  /** Volumes by their name in the specification. */
  volumes: Record<string, ProgramVolume>;
  /** Ports of the proxy under which the environment's services reach each other, by service. */
  internalPorts: Readonly<Record<string, number>>;
  secrets: Secrets;
  /** Image with a shell and the usual file commands, for putting secrets into their volume. */
  helperImage: string;
}

/** A volume that containers mount. */
export interface ProgramVolume {
  volumeName: pulumi.Input<string>;
  readOnly: boolean;
}

/** A volume at its place in a container. */
interface Mounted extends ProgramVolume {
  containerPath: string;
}

/** A program's environment variables as the docker provider takes them; secret where one of them is. */
export function variablesOf(
  program: string,
  { spec, owner, internalPorts, secrets, databases }: ProgramArgs,
  own: Record<string, pulumi.Input<string>>,
): pulumi.Output<string[]> {
  const written = Object.entries(spec.env).map(([key, value]) => {
    return [key, textOf(value, owner, internalPorts, secrets.reveal)] as const;
  });
  const database = databaseVariables(program, spec.database, databases, secrets);
  return pulumi.all({ ...Object.fromEntries(written), ...database, ...own }).apply(toSortedPairs);
}

/**
 * Where volumes appear in a program's containers, that of its secrets among them.
 *
 * Creates `${name}-secrets` for a program with secrets. Another content is another volume, so that containers of an
 * earlier release keep theirs.
 */
export function mountsOf(
  name: string,
  { spec, owner, volumes, secrets, helperImage }: ProgramArgs,
  opts: pulumi.CustomResourceOptions,
): Mounted[] {
  const mounts = spec.mounts.flatMap(({ volume, path }) => {
    const mounted = volumes[volume];
    return mounted ? [{ containerPath: path, ...mounted }] : [];
  });
  const files = Object.entries(spec.secrets).flatMap(([file, secret]) => {
    const [current, previous] = secrets.contents(secret);
    return [
      ...(current ? [[file, current] as const] : []),
      ...(previous ? [[`${file}.previous`, previous] as const] : []),
    ];
  });
  // The one before goes with a login of its own, which no new container needs.
  const [password] = spec.database ? secrets.contents(spec.database.password) : [];
  if (password) files.push([PASSWORD_FILE, password]);
  if (files.length === 0) return mounts;
  const { volume } = new SecretFiles(
    `${name}-secrets`,
    { ...owner, owner: name, files: Object.fromEntries(files), helperImage },
    opts,
  );
  return [...mounts, { containerPath: SECRETS_DIRECTORY, volumeName: volume, readOnly: true }];
}

function textOf(
  value: spec.Service["env"][string],
  { environment }: Owner,
  internalPorts: ProgramArgs["internalPorts"],
  reveal: Reveal,
): pulumi.Input<string> {
  if (typeof value === "string") return value;
  return value.kind === "secret" ? reveal(value) : addressOf(environment, value, internalPorts[value.service]);
}

function toSortedPairs(env: Record<string, string>): string[] {
  return Object.entries(env)
    .map(([key, value]) => `${key}=${value}`)
    .sort();
}
