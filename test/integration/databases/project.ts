import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { exec } from "../../../provider/engine/exec.ts";
import type { ExecResult } from "../../../provider/engine/exec.ts";
import type { Workspace } from "../../support/workspace.ts";

// A program that does what TICK says again and again, and the database's own client beside it: tests run that. Without the server it is pushed
// in a moment.
const DOCKERFILE = `# slipway ignore=unpinned
ARG IMAGE
# slipway ignore=unpinned
FROM $IMAGE AS server
USER 0
RUN mkdir -p /out/bin /out/tmp && client=$(command -v psql || command -v mariadb) && cp -L "$client" /out/bin && \\
    for file in $(/lib64/ld-linux-x86-64.so.2 --list "$client" | grep -o '/[^ ]*'); do cp -L --parents "$file" /out; done && \\
    cp -L "$(command -v busybox)" /out/bin/busybox && for tool in sh cat echo sleep nc; do ln -s busybox /out/bin/$tool; done

FROM scratch
COPY --from=server /out /
ENV PATH=/bin HOME=/tmp
USER 1000
CMD ["sh", "-c", "while :; do eval \\"$TICK\\"; sleep 0.2; done"]
`;

/** Writes a build context with the client of each engine, and the stack file `stacks/<stack>.ts`. */
export async function writeStack(workspace: Workspace, stack: string, environment: string): Promise<void> {
  await mkdir(join(workspace.directory, "client"), { recursive: true });
  await writeFile(join(workspace.directory, "client/Dockerfile"), DOCKERFILE);
  const source = `import { defineEnvironment } from "../components/index.ts";
import { settings } from "./settings.ts";

const client = (engine: "postgres" | "mariadb") => ({
  build: { context: "client", args: { IMAGE: settings.images[engine] } },
  steadySeconds: 0,
  stopSeconds: 1,
});

export default defineEnvironment({ domain: "${stack}.localhost", ${environment} });
`;
  await writeFile(join(workspace.directory, `stacks/${stack}.ts`), source);
}

/** The running container of a service. */
export async function containerOf(workspace: Workspace, stack: string, service: string): Promise<Docker.Container> {
  return find(workspace, [`slipway.environment=${stack}`, `slipway.service=${service}`], service);
}

/** The container of a database's server. */
export function nodeOf(workspace: Workspace, stack: string, node: string): Docker.Container {
  return workspace.docker.getContainer(`${workspace.namespace}-${stack}-${node}`);
}

/** Runs a statement in a program's container, with what the program is told about its database, and as nobody else. */
export async function sql(
  client: Docker.Container,
  engine: "postgres" | "mariadb",
  statement: string,
  host = "$DATABASE_HOST",
): Promise<ExecResult> {
  return exec(client, ["sh", "-c", `${signIn(engine, host)} "$1"`, "sh", statement]);
}

/** The command line of a client that signs in as the program does; a statement follows. */
export function signIn(
  engine: "postgres" | "mariadb",
  host = "$DATABASE_HOST",
  password = '"$(cat $DATABASE_PASSWORD_FILE)"',
): string {
  return engine === "postgres"
    ? `PGCONNECT_TIMEOUT=5 PGPASSWORD=${password} psql -X -At -h ${host} -p $DATABASE_PORT -U $DATABASE_USER -d $DATABASE_NAME -c`
    : `mariadb --no-defaults --connect-timeout=5 -NB -h ${host} -P $DATABASE_PORT -u $DATABASE_USER -p${password} $DATABASE_NAME -e`;
}

async function find(workspace: Workspace, labels: readonly string[], what: string): Promise<Docker.Container> {
  const label = [`slipway.namespace=${workspace.namespace}`, ...labels];
  const [found] = await workspace.docker.listContainers({ filters: { label } });
  if (!found) throw new Error(`no container of ${what} runs`);
  return workspace.docker.getContainer(found.Id);
}
