import type { Workspace } from "../test/support/workspace.ts";
import { upWithDatabases } from "./databases.ts";
import { goalOf, summarize } from "./figures.ts";
import type { Measurement, Series } from "./figures.ts";
import { upWithServices } from "./services.ts";

const SERVICES = [1, 10, 50];
const MOST_TIMES_THE_BARE_PROGRAM = 1.3;

/** A command whose wall time is measured; it fails when it would change anything. */
export type NoOp = () => Promise<void>;

/** The deploys that change nothing: of a stack, and of a bare program with as many resources on the same state backend. */
export async function prepareNoOps(
  workspace: Workspace,
  stack: string,
): Promise<{ environment: NoOp; bare: NoOp; resources: number }> {
  const { stdout } = await workspace.pulumi("stack", "export", "--stack", stack);
  const { deployment } = JSON.parse(stdout) as { deployment: { resources: unknown[] } };
  const resources = deployment.resources.length;
  const bareStack = `bare-${resources}`;
  const bare = async (...args: string[]) => {
    await succeed(workspace, ["--cwd", "bench/bare", ...args], { BARE_RESOURCES: String(resources) });
  };
  await bare("stack", "select", bareStack, "--create");
  await bare("up", "--yes", "--skip-preview");
  const noOp = ["up", "--yes", "--skip-preview", "--expect-no-changes", "--stack"];
  return {
    environment: () => succeed(workspace, [...noOp, stack]),
    bare: () => bare(...noOp, bareStack),
    resources,
  };
}

/** Times no-ops of environments with 1, 10 and 50 services, each against a bare program with as many resources. */
export async function measureNoOp(workspace: Workspace, pairs: number): Promise<Measurement> {
  const stacks = await upWithServices(workspace, SERVICES);
  const cases = SERVICES.map((count, index) => ({
    of: `${count} service${count === 1 ? "" : "s"}`,
    stack: stacks[index] ?? "",
  }));
  const remark = "One service of each environment is built from a context, the others run an image by digest.";
  return measureCases(workspace, { what: "no-op", cases, pairs, remark });
}

/** Times no-ops of an environment with two databases, each with a replica, against a bare program. */
export async function measureNoOpOfDatabases(workspace: Workspace, pairs: number): Promise<Measurement> {
  const cases = [{ of: "2 databases, 2 replicas", stack: await upWithDatabases(workspace) }];
  const remark = "PostgreSQL and MariaDB with one replica each, and a service with a login on each of them.";
  return measureCases(workspace, { what: "no-op-databases", cases, pairs, remark });
}

/** What is timed. */
interface Cases {
  what: string;
  cases: readonly { of: string; stack: string }[];
  pairs: number;
  remark: string;
}

async function measureCases(workspace: Workspace, { what, cases, pairs, remark }: Cases): Promise<Measurement> {
  const series: Series[] = [];
  const ratios: number[] = [];
  const remarks = [remark];
  for (const { of, stack } of cases) {
    const noOps = await prepareNoOps(workspace, stack);
    const times = await timePairs(noOps, pairs);
    const ratio = summarize(times.environment).median / summarize(times.bare).median;
    ratios.push(ratio);
    series.push(
      { name: of, unit: "s", values: times.environment },
      { name: `  bare program, ${noOps.resources} resources`, unit: "s", values: times.bare },
      {
        name: "  pair by pair",
        unit: "x",
        values: times.environment.map((it, pair) => it / (times.bare[pair] ?? NaN)),
      },
    );
    remarks.push(`${of}: ${ratio.toFixed(2)} times the bare program, by the medians`);
  }
  return {
    what,
    title: "pulumi up --skip-preview that changes nothing",
    series,
    remarks,
    goal: goalOf("largest ratio of the medians", Math.max(...ratios), MOST_TIMES_THE_BARE_PROGRAM),
  };
}

/** Times the two in turn, so that a machine's changing speed meets both. The first of each is not counted. */
async function timePairs({ environment, bare }: Record<"environment" | "bare", NoOp>, pairs: number) {
  const times: Record<"environment" | "bare", number[]> = { environment: [], bare: [] };
  await environment();
  await bare();
  for (let pair = 0; pair < pairs; pair++) {
    times.environment.push(await secondsOf(environment));
    times.bare.push(await secondsOf(bare));
  }
  return times;
}

/** Wall time of something, in seconds. */
export async function secondsOf(action: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await action();
  return (performance.now() - started) / 1000;
}

async function succeed(workspace: Workspace, args: string[], env?: Record<string, string>): Promise<void> {
  const { exitCode, output } = await workspace.run("pulumi", [...args, "--non-interactive"], env);
  if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${exitCode}:\n${output}`);
}
