import type Docker from "dockerode";
import { inspectIfThere } from "../engine/engine.ts";
import { parseReference, repoDigestOf } from "./reference.ts";

/** The image that a Dockerfile's last stage, or the one that is built, starts from; undefined for `scratch`. */
export function baseOf(
  dockerfile: string,
  { args = {}, target }: { args?: Readonly<Record<string, string>> | undefined; target?: string | undefined } = {},
): string | undefined {
  const stages = stagesOf(dockerfile, args);
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  let stage = target === undefined ? stages.at(-1) : byName.get(target.toLowerCase());
  for (let steps = 0; stage !== undefined && steps < stages.length; steps++) {
    const earlier = byName.get(stage.from.toLowerCase());
    if (earlier === undefined || earlier === stage) break;
    stage = earlier;
  }
  return stage === undefined || stage.from === "scratch" || stage.from === "" ? undefined : stage.from;
}

/** The digest of a base image: as its name says it, or as the engine knows it; undefined where neither does. */
export async function digestOfBase(docker: Docker, base: string): Promise<string | undefined> {
  const { digest } = parseReference(base);
  if (digest !== undefined) return digest;
  const found = await inspectIfThere(docker.getImage(base));
  const pulled = repoDigestOf(base, found?.RepoDigests);
  // An image that was made on the engine has no digest of a registry; its id names its content as well.
  return pulled === "" ? found?.Id : pulled.slice(pulled.indexOf("@") + 1);
}

interface Stage {
  name: string;
  from: string;
}

function stagesOf(dockerfile: string, args: Readonly<Record<string, string>>): Stage[] {
  const values: Record<string, string> = {};
  const stages: Stage[] = [];
  for (const line of dockerfile.split("\n")) {
    const [, name, preset] = /^\s*ARG\s+(\w+)(?:=["']?([^"'\s]*))?/i.exec(line) ?? [];
    // Only what stands before the first FROM counts in a FROM.
    if (name !== undefined && stages.length === 0) values[name] = args[name] ?? preset ?? "";
    const [, from, stage] = /^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(line) ?? [];
    if (from === undefined) continue;
    const image = from.replace(/\$\{?(\w+)\}?/g, (_match, variable: string) => values[variable] ?? "");
    stages.push({ name: (stage ?? String(stages.length)).toLowerCase(), from: image });
  }
  return stages;
}
