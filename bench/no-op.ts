import type { Workspace } from "../test/support/workspace.ts";
import { goalOf, summarize } from "./figures.ts";
import type { Measurement } from "./figures.ts";

const MOST_TIMES_THE_BARE_PROGRAM = 2;

/** A command whose wall time is measured; it fails when it would change anything. */
export type NoOp = () => Promise<void>;

/** The deploys that change nothing: of `dev`, and of a bare program with as many resources on the same state backend. */
export async function prepareNoOps(workspace: Workspace): Promise<{ dev: NoOp; bare: NoOp; resources: number }> {
  const { stdout } = await workspace.pulumi("stack", "export", "--stack", "dev");
  const { deployment } = JSON.parse(stdout) as { deployment: { resources: unknown[] } };
  const resources = deployment.resources.length;
  const bareEnvironment = { BARE_RESOURCES: String(resources) };
  const bare = async (...args: string[]) => {
    await succeed(workspace, ["--cwd", "bench/bare", ...args], bareEnvironment);
  };
  await bare("stack", "select", "bare", "--create");
  await bare("up", "--yes", "--skip-preview");
  const noOp = ["up", "--yes", "--skip-preview", "--expect-no-changes", "--stack"];
  return { dev: () => succeed(workspace, [...noOp, "dev"]), bare: () => bare(...noOp, "bare"), resources };
}

/** Times a no-op of `dev` against one of the bare program, in turn, so that a machine's changing speed meets both. */
export async function measureNoOp(workspace: Workspace, pairs: number): Promise<Measurement> {
  const { dev, bare, resources } = await prepareNoOps(workspace);
  await dev();
  await bare();
  const times: { dev: number[]; bare: number[] } = { dev: [], bare: [] };
  for (let pair = 0; pair < pairs; pair++) {
    times.dev.push(await secondsOf(dev));
    times.bare.push(await secondsOf(bare));
  }
  const ratio = summarize(times.dev).median / summarize(times.bare).median;
  const ratios = times.dev.map((seconds, pair) => seconds / (times.bare[pair] ?? NaN));
  return {
    what: "no-op",
    title: `pulumi up --skip-preview that changes nothing, ${resources} resources`,
    series: [
      { name: "dev", unit: "s", values: times.dev },
      { name: "bare program", unit: "s", values: times.bare },
      { name: "dev / bare, pair by pair", unit: "x", values: ratios },
    ],
    remarks: [],
    goal: goalOf("ratio of the medians", ratio, MOST_TIMES_THE_BARE_PROGRAM),
  };
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
