import type Docker from "dockerode";
import { backupShape } from "../../backup/manifest.ts";
import type { ResourceContext } from "../plugin/resource.ts";
import { backupJob } from "./job.ts";
import type { BackedUp } from "./job.ts";
import { refusalOf } from "./restore.ts";
import type { Target } from "./restore.ts";
import { BackupTool } from "./tool.ts";

/**
 * Fills a fresh database from the newest proven backup of another environment. Its backups are read by its own program,
 * from where they are kept: from no network at all, or, where that is a bucket, from one that leads to no environment.
 *
 * @throws {Error} when there is no such environment, when it is not backed up, and when no backup of it is proven.
 */
export async function cloneInto(
  docker: Docker,
  source: BackedUp & { engine: string },
  { restorer, primary, database }: Target,
  fresh: string,
  context: Pick<ResourceContext, "progress" | "info">,
): Promise<void> {
  const { environment } = source;
  const job = await backupJob(docker, source);
  if (!job) {
    throw new Error(
      `clone("${environment}"): must be a stack on this engine that backs up its database ${database}, and there is none; ` +
        `give it backup: { … } there and deploy it`,
    );
  }
  const tool = isolated(docker, await job.inspect());
  const listed = await tool.run("list");
  if (listed.code !== 0) throw new Error(`clone("${environment}"): its backups cannot be read: ${listed.stderr}`);
  const lines = listed.stdout.split("\n").filter((line) => line !== "");
  const backups = lines.map((line) => backupShape.parse(JSON.parse(line))).filter((each) => each.database === database);
  const newest = backups.filter(({ proof }) => proof?.ok).sort((a, b) => (a.id < b.id ? 1 : -1))[0];
  if (!newest) {
    throw new Error(
      `clone("${environment}"): must have a backup of ${database} that is proven, got ${backups.length} that are not; ` +
        `npm run backup -- -s ${environment} ${database} takes one`,
    );
  }
  const refusal = refusalOf(newest, { engine: source.engine, version: await restorer.version(primary) });
  if (refusal !== undefined)
    throw new Error(`clone("${environment}"): its backup ${newest.id} does not fit: ${refusal}`);
  context.progress(`cloning ${database} from the backup ${newest.id} of ${environment}`);
  const { code, stderr } = await tool.read(["fetch", database, newest.id], (dump) =>
    restorer.load(primary, database, fresh, dump),
  );
  if (code !== 0) throw new Error(`clone("${environment}"): ${stderr}`);
  context.info(`${database} is cloned from the backup ${newest.id} of ${environment}`);
}

/** The other environment's program, which can only read and reaches nobody. */
function isolated(docker: Docker, template: Docker.ContainerInspectInfo): BackupTool {
  const usesBucket = template.Config.Env.some((variable) => variable.includes('"kind":"s3"'));
  const binds = (template.HostConfig.Binds ?? []).map((bind) =>
    bind.includes(":/scratch") || bind.endsWith(":ro") ? bind : `${bind.replace(/:rw$/, "")}:ro`,
  );
  return new BackupTool(docker, template, { network: usesBucket ? "bridge" : "none", binds });
}
