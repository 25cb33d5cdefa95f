import { afterAll, beforeAll, expect, it } from "vitest";
import { recordFault } from "../../support/fault-results.ts";
import { request } from "../../support/request.ts";
import { startVisitor } from "../../support/visitor.ts";
import { createDeployedWorkspace } from "../../support/workspace.ts";
import type { Workspace } from "../../support/workspace.ts";

const SITE = "website.dev.localhost";

let workspace: Workspace;

beforeAll(async () => {
  workspace = await createDeployedWorkspace();
});

afterAll(async () => {
  await workspace.remove();
});

it("a program that hangs answers again without anybody's help", async () => {
  const authority = String((await workspace.outputs("platform")).ca);
  const ask = (signal: AbortSignal) =>
    request({ host: SITE, port: workspace.ports.https, path: "/fr", authority, signal });
  const endVisit = startVisitor(ask);

  const stopped = Date.now();
  await stopProgram("slipway.service=website");
  await expect.poll(supervisorLog, { timeout: 120_000, interval: 500 }).toContain('"action":"recovered"');
  const { requests, lost, seconds } = await endVisit(stopped);

  expect((await workspace.get(SITE, "/fr")).status).toBe(200);
  const preview = await workspace.pulumi("preview", "--refresh", "--expect-no-changes", "--stack", "dev");
  expect(preview).toMatchObject({ exitCode: 0 });
  await recordFault({
    fault: "hang (SIGSTOP)",
    recovery: "none: the supervisor restarts it",
    result: "answers again, as declared",
    requestsLost: lost,
    requests,
    seconds,
  });
});

/** Stops the program itself: the init process above it would hand no signal on that it cannot catch. */
async function stopProgram(label: string): Promise<void> {
  const container = await labelled(label);
  const { Titles, Processes } = (await container.top({ ps_args: "-o pid,args" })) as {
    Titles: string[];
    Processes: string[][];
  };
  const column = Titles.indexOf("PID");
  const program = Processes.find((row) => !row.some((field) => field.includes("docker-init")));
  process.kill(Number(program?.[column]), "SIGSTOP");
}

async function supervisorLog(): Promise<string> {
  const supervisor = await labelled("slipway.role=supervisor");
  return (await supervisor.logs({ stdout: true, stderr: true })).toString();
}

async function labelled(label: string) {
  const filters = { label: [`slipway.namespace=${workspace.namespace}`, label] };
  const [found] = await workspace.docker.listContainers({ filters });
  return workspace.docker.getContainer(found?.Id ?? "none");
}
