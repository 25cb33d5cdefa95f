import { z } from "zod";
import { ExitCode, UserError } from "../errors.ts";
import type { Places } from "../places.ts";
import { deploy } from "../stack/deploy.ts";
import { pulumi } from "../stack/pulumi.ts";
import { table } from "../stack/table.ts";

/** What the user asks for. */
export interface RotateOptions {
  stack: string;
  /** Generated secret; without it they are listed. */
  secret: string | undefined;
  /** True lets the value before count no more. */
  finish: boolean;
  json: boolean;
}

const outputs = z.object({ passwords: z.record(z.string(), z.unknown()).default({}) });
const rotation = z.object({ generation: z.int().min(0), keepsPrevious: z.boolean() });
const rotationsSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "no JSON" });
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), rotation));
const configuration = z.record(z.string(), z.object({ value: z.string().optional() }));

/**
 * Makes another value for a generated secret. Both values count from then on, until the rotation is finished; programs
 * see the one before in the file `<name>.previous`.
 *
 * @returns Pulumi's exit code.
 * @throws {UserError} when there is no such secret, or the last rotation is not finished.
 */
export async function rotate(
  { stack, secret, finish, json }: RotateOptions,
  places: Places,
  environment: Record<string, string>,
  output: NodeJS.WriteStream,
): Promise<number> {
  const ask = (...args: string[]) => pulumi({ places, environment }, ...args, "--stack", stack);
  const { passwords } = outputs.parse(JSON.parse(await ask("stack", "output", "--json")));
  const rotations = rotationsOf(stack, await ask("config", "--json"));
  const current = (name: string) => rotations[name] ?? { generation: 0, keepsPrevious: false };
  const names = Object.keys(passwords).sort();
  if (secret === undefined) {
    const secrets = names.map((name) => ({ name, ...current(name) }));
    output.write(json ? `${JSON.stringify({ stack, secrets }, undefined, 2)}\n` : textOf(stack, secrets));
    return ExitCode.done;
  }
  refuseUnknown(secret, stack, names);
  const { generation, keepsPrevious } = current(secret);
  if (!finish && keepsPrevious) {
    const remedy = `Finish it first: npm run rotate -- -s ${stack} ${secret} --finish`;
    throw new UserError(`the last rotation of "${secret}" is not finished: two values count`, remedy, ExitCode.usage);
  }
  if (finish && !keepsPrevious) {
    throw new UserError(
      `one value of "${secret}" counts: there is no rotation to finish`,
      "Nothing is to be done.",
      ExitCode.usage,
    );
  }
  const path = `slipway:rotations["${secret}"]`;
  const next = { generation: finish ? generation : generation + 1, keepsPrevious: !finish };
  const settings = Object.entries(next).flatMap(([key, value]) => ["--plaintext", `${path}.${key}=${value}`]);
  // Both at once: a generation without the other would end the earlier value.
  await ask("config", "set-all", "--path", ...settings);
  const file = `Pulumi.${stack}.yaml`;
  const finishing = `when whoever uses it knows the new value, \`npm run rotate -- -s ${stack} ${secret} --finish\` ends the old one`;
  output.write(
    finish
      ? `${file}: the earlier value of ${secret} counts no more. Commit it.\n`
      : `${file}: ${secret} has a new value, and the earlier one counts as well. Commit it; ${finishing}.\n`,
  );
  return deploy(stack, places, environment, output);
}

/**
 * Reads what earlier rotations have written into a stack's configuration, as `pulumi config --json` prints it.
 *
 * @throws {UserError} when it is not as they wrote it.
 */
export function rotationsOf(stack: string, printed: string): Record<string, z.infer<typeof rotation>> {
  const { "slipway:rotations": written } = configuration.parse(JSON.parse(printed));
  if (written?.value === undefined) return {};
  const { data } = rotationsSchema.safeParse(written.value);
  if (data) return data;
  throw new UserError(
    `Pulumi.${stack}.yaml: slipway:rotations is not as this command writes it, got ${written.value}`,
    `\`pulumi preview -s ${stack}\` names each fault; git has the file as it was.`,
    ExitCode.usage,
  );
}

function refuseUnknown(secret: string, stack: string, names: readonly string[]): void {
  if (names.includes(secret)) return;
  const remedy = names.length === 0 ? "Deploy it first." : `Choose one of ${names.join(", ")}.`;
  throw new UserError(`there is no generated secret "${secret}" in ${stack}`, remedy, ExitCode.usage);
}

function textOf(
  stack: string,
  secrets: readonly { name: string; generation: number; keepsPrevious: boolean }[],
): string {
  if (secrets.length === 0) return `Stack ${stack} has no generated secret.\n`;
  const rows = secrets.map(({ name, generation, keepsPrevious }) => [
    ...[name, String(generation)],
    keepsPrevious ? "two values count" : "",
  ]);
  return table(["secret", "rotations", ""], rows);
}
