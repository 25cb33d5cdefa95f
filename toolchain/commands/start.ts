import { writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { ExitCode } from "../errors.ts";
import type { Places } from "../places.ts";
import { deploy } from "../stack/deploy.ts";

const STACKS = ["platform", "dev"];
const platformSchema = z.object({ ca: z.string().optional() });
const environmentSchema = z.object({ urls: z.record(z.string(), z.union([z.string(), z.array(z.string())])) });

/** Deploys the platform and the environment `dev`, and says where its services answer. */
export async function start(
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  for (const stack of STACKS) {
    const exitCode = await deploy(stack, places, environment, output);
    if (exitCode !== ExitCode.done) return exitCode;
  }
  const [{ ca }, { urls }] = await Promise.all([
    readOutputs("platform", platformSchema, places, environment),
    readOutputs("dev", environmentSchema, places, environment),
  ]);
  if (ca !== undefined) await writeFile(places.ca, ca);
  output.write(`\n${closingLines(urls, ca === undefined ? undefined : relative(places.repository, places.ca))}`);
  return ExitCode.done;
}

/** The last lines of `npm start`: every service with its URLs, and the certificate authority that they rest on. */
export function closingLines(urls: z.infer<typeof environmentSchema>["urls"], ca: string | undefined): string {
  const services = Object.entries(urls).sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(...services.map(([service]) => service.length), "CA file".length);
  const line = (name: string, value: string) => `${name.padEnd(width)}  ${value}\n`;
  const lines = services.flatMap(([service, value]) => [value].flat().map((url) => line(service, url)));
  return [...(ca === undefined ? [] : [line("CA file", ca)]), ...lines].join("");
}

async function readOutputs<Outputs>(
  stack: string,
  schema: z.ZodType<Outputs>,
  places: Places,
  environment: Record<string, string>,
): Promise<Outputs> {
  const { stdout } = await execa("pulumi", ["stack", "output", "--json", "--stack", stack], {
    cwd: places.repository,
    env: environment,
  });
  return schema.parse(JSON.parse(stdout));
}
