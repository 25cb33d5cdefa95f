import * as pulumi from "@pulumi/pulumi";
import type { Reveal, Secrets } from "../secrets.ts";
import type * as spec from "../spec/index.ts";
import { PASSWORD_FILE, databaseVariables } from "./database/logins.ts";
import { addressOf } from "./internal-ports.ts";
import { TEMPORARY } from "./hardening.ts";
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
  /** True leaves its owner as it is, where the engine would take that of the image's directory. @default false */
  keepsOwner?: boolean;
}

/** What of a container's arguments is storage. */
interface Storage {
  volumes: StoredVolume[];
  mounts?: StoredMount[];
  /** Mount options by path. */
  tmpfs: Record<string, string>;
}

interface StoredVolume {
  containerPath: string;
  volumeName: pulumi.Input<string>;
  readOnly: boolean;
}

interface StoredMount {
  type: "bind" | "volume";
  target: string;
  source: pulumi.Input<string>;
  readOnly: boolean;
  volumeOptions?: { noCopy: boolean };
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
 * What a program's containers see where: volumes, that of its secrets among them, directories of the engine's machine, memory.
 *
 * Creates `${name}-secrets` for a program with secrets. Another content is another volume, so that containers of an
 * earlier release keep theirs.
 */
export function storageOf(name: string, args: ProgramArgs, opts: pulumi.CustomResourceOptions): Storage {
  const mounted = args.spec.mounts.map((mount) => ({ mount, volume: volumeOf(mount, args) }));
  const plain = mounted.flatMap(({ mount, volume }) => (volume && !volume.keepsOwner ? [boundTo(mount, volume)] : []));
  const mounts = mounted.flatMap(({ mount, volume }) => mountOf(mount, volume) ?? []);
  const memory = args.spec.mounts.flatMap((mount) =>
    mount.kind === "memory" ? [[mount.path, memoryOptions(mount)] as const] : [],
  );
  return {
    volumes: [...plain, ...secretsVolume(name, args, opts)],
    ...(mounts.length > 0 && { mounts }),
    tmpfs: { ...TEMPORARY, ...Object.fromEntries(memory) },
  };
}

function volumeOf(mount: spec.Mount, { volumes }: ProgramArgs): ProgramVolume | undefined {
  if (mount.kind !== "volume") return undefined;
  const volume = volumes[mount.volume];
  return volume && { ...volume, readOnly: volume.readOnly || mount.readOnly };
}

function boundTo({ path }: spec.Mount, { volumeName, readOnly }: ProgramVolume): StoredVolume {
  return { containerPath: path, volumeName, readOnly };
}

/** Those whose source has to be there, or whose owner is to stay, which the shorter form of a volume cannot say. */
function mountOf(mount: spec.Mount, volume: ProgramVolume | undefined): StoredMount | undefined {
  const { path: target } = mount;
  if (mount.kind === "directory") return { type: "bind", target, source: mount.directory, readOnly: mount.readOnly };
  if (!volume?.keepsOwner) return undefined;
  const { volumeName: source, readOnly } = volume;
  return { type: "volume", target, source, readOnly, volumeOptions: { noCopy: true } };
}

function memoryOptions({ sizeMb, mode, owner }: spec.MemoryMount): string {
  const [uid, gid = uid] = owner?.split(":") ?? [];
  const owned = uid === undefined ? "" : `,uid=${uid},gid=${gid ?? uid}`;
  return `rw,noexec,nosuid,nodev,size=${sizeMb}m,mode=${mode}${owned}`;
}

function secretsVolume(
  name: string,
  { spec, owner, secrets, helperImage }: ProgramArgs,
  opts: pulumi.CustomResourceOptions,
): StoredVolume[] {
  const files = Object.entries(spec.secrets).flatMap(([file, secret]) => {
    const [current, previous] = secrets.contents(secret);
    return [
      ...(current ? [{ file, secret, content: current }] : []),
      ...(previous ? [{ file: `${file}.previous`, secret, content: previous }] : []),
    ];
  });
  // The one before goes with a login of its own, which no new container needs.
  const [password] = spec.database ? secrets.contents(spec.database.password) : [];
  if (spec.database && password) files.push({ file: PASSWORD_FILE, secret: spec.database.password, content: password });
  if (files.length === 0) return [];
  const owned = files.flatMap(({ file, secret }) =>
    secret.owner === undefined ? [] : [[file, { owner: secret.owner, mode: secret.mode }] as const],
  );
  const { volume } = new SecretFiles(
    `${name}-secrets`,
    {
      ...{ ...owner, owner: name, helperImage },
      files: Object.fromEntries(files.map(({ file, content }) => [file, content])),
      ...(owned.length > 0 && { owners: Object.fromEntries(owned) }),
    },
    opts,
  );
  return [{ containerPath: SECRETS_DIRECTORY, volumeName: volume, readOnly: true }];
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
