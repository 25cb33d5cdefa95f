import type Docker from "dockerode";
import { z } from "zod";
import { SETTINGS, settingsShape } from "../../backup/config.ts";
import { backupShape } from "../../backup/manifest.ts";
import { backupJob } from "../../provider/backup/job.ts";
import { BackupTool } from "../../provider/backup/tool.ts";
import { labels } from "../../provider/names.ts";
import { ExitCode, UserError } from "../errors.ts";
import type { RecordedDatabase } from "../stack/releases.ts";

const listedShape = backupShape.extend({ place: z.string() });

/** A backup with where it is. */
export type ListedBackup = z.infer<typeof listedShape>;

/** What backs a database server up. */
export interface BackupJob {
  /** The server that it backs up. */
  server: RecordedDatabase;
  /** Databases on it that are backed up. */
  databases: readonly string[];
  /** The container that the supervisor starts, by name. */
  container: string;
  /** As the engine has it. */
  info: Docker.ContainerInspectInfo;
  /** Runs the same program with another command. */
  tool: BackupTool;
}

/** Finds the backup jobs of database servers; those that are not backed up are left out. */
export async function backupJobsOf(docker: Docker, servers: readonly RecordedDatabase[]): Promise<BackupJob[]> {
  const found = await Promise.all(servers.map((server) => jobOf(docker, server)));
  return found.flatMap((job) => job ?? []);
}

async function jobOf(docker: Docker, server: RecordedDatabase): Promise<BackupJob | undefined> {
  const found = await backupJob(docker, server);
  if (!found) return undefined;
  const info = await found.inspect();
  const written = info.Config.Env.find((variable) => variable.startsWith(`${SETTINGS}=`)) ?? "";
  const { databases } = settingsShape.parse(JSON.parse(written.slice(SETTINGS.length + 1)));
  return { server, databases, container: found.id, info, tool: new BackupTool(docker, info) };
}

/** The backups that there are of a server's databases, oldest first. @throws {UserError} when they cannot be read. */
export async function listBackups({ tool, server }: BackupJob): Promise<ListedBackup[]> {
  const { code, stdout, stderr } = await tool.run("list");
  if (code !== 0) {
    throw new UserError(
      `the backups of ${server.database} cannot be read: ${stderr}`,
      "Look whether their directory, volume or bucket is there.",
      ExitCode.failed,
    );
  }
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => listedShape.parse(JSON.parse(line))).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Whether a label of a job says so; see components/docker/job.ts. */
export function labelOf({ info }: BackupJob, name: "schedule" | "timeZone" | "timeoutSeconds"): string {
  return info.Config.Labels[labels[name]] ?? "";
}
