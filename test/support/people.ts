import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { exec } from "../../provider/engine/exec.ts";
import type { CommandResult, Workspace } from "./workspace.ts";

const STACK = "people";
const PEOPLE = "examples/people";

/** The example `people`, deployed in a workspace. */
export interface PeopleEnvironment {
  /** Deploys what is declared; a failing deploy is a result like any other. */
  deploy: (...flags: string[]) => Promise<CommandResult>;
  /** Makes another version of the API, which does the same. */
  touchApi: (edition: string) => Promise<void>;
  /** Makes of its sources the second version, which adds a column. */
  applySecondVersion: () => Promise<void>;
  /** Asks its database, as the server's own superuser; a row of tab-separated values a line. */
  query: (sql: string) => Promise<string[]>;
}

/** Declares the example and deploys the platform and its first version. @throws {Error} with the output when it fails. */
export async function createPeopleEnvironment(workspace: Workspace): Promise<PeopleEnvironment> {
  const { directory } = workspace;
  await writeFile(join(directory, `stacks/${STACK}.ts`), `export { default } from "../${PEOPLE}/stack.ts";\n`);
  await workspace.edit("stacks/platform.ts", (text) =>
    text.replace("definePlatform({", "definePlatform({ supervisor: false,"),
  );
  await workspace.up("platform");
  await workspace.up(STACK);
  return {
    deploy: (...flags) => workspace.pulumi("up", "--yes", "--skip-preview", "--stack", STACK, ...flags),
    touchApi: (edition) =>
      workspace.edit(
        `${PEOPLE}/api/src/main.ts`,
        (text) => `${text.replace(/\n\/\/ edition.*\n$/, "\n")}\n// edition ${edition}\n`,
      ),
    async applySecondVersion() {
      const { exitCode, output } = await workspace.run("git", ["apply", `${PEOPLE}/second-version.patch`]);
      if (exitCode !== 0) throw new Error(output);
    },
    async query(sql) {
      const command = ["mariadb", "--batch", "--skip-column-names", "main", "--execute", sql];
      const { code, stdout, stderr } = await exec(await databaseOf(workspace), command);
      if (code !== 0) throw new Error(stderr);
      return stdout.split("\n").filter((line) => line !== "");
    },
  };
}

async function databaseOf({ docker, namespace }: Workspace): Promise<Docker.Container> {
  const label = [`slipway.namespace=${namespace}`, `slipway.environment=${STACK}`, "slipway.role=database"];
  const [found] = await docker.listContainers({ filters: { label } });
  return docker.getContainer(found?.Id ?? "none");
}
