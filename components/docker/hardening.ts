import type * as docker from "@pulumi/docker";

/** A read-only root still needs a place for temporary files; it counts against the memory limit. */
export const TEMPORARY = { "/tmp": "rw,noexec,nosuid,nodev,size=64m" };

/** What every container of ours starts from: no privilege that it did not ask for, bounded logs, no way to gain more. */
export interface HardeningArgs {
  /** Memory in megabytes; there is no swap beyond it. */
  memoryMb: number;
  /** CPU time in cores. */
  cpus: number;
  /** Linux capabilities that are kept. @default none */
  capabilities?: readonly string[];
  /** True lets the program write to its root filesystem. @default false */
  writableRootFilesystem?: boolean;
}

/**
 * Container arguments that close what a program does not need (CIS Docker Benchmark 1.6, 5.3, 5.4, 5.10-5.12, 5.25;
 * OWASP Docker rules 3, 4, 7 and 8).
 */
export function hardening(args: HardeningArgs) {
  const capabilities = [...(args.capabilities ?? [])].sort();
  return {
    readOnly: !args.writableRootFilesystem,
    tmpfs: TEMPORARY,
    capabilities: { drops: ["ALL"], ...(capabilities.length > 0 && { adds: capabilities }) },
    securityOpts: ["no-new-privileges:true"],
    memory: args.memoryMb,
    // Without it the engine allows as much swap again, and reports a value that nobody declared.
    memorySwap: args.memoryMb,
    cpus: spellCpus(args.cpus),
    init: true,
    logDriver: "json-file",
    logOpts: { "max-file": "3", "max-size": "10m" },
  } satisfies Partial<docker.ContainerArgs>;
}

/** The docker provider reads CPUs back with at least one decimal and none to spare (`1.0`, `0.5`). */
function spellCpus(cpus: number): string {
  return Number.isInteger(cpus) ? cpus.toFixed(1) : String(cpus);
}

/**
 * Inputs that the docker provider would change in its records alone: only a new container has them. `#initerror` makes
 * a container that could not be started a new one as well.
 */
export const REPLACE_ON_CHANGES = ["#initerror", "healthcheck", "init", "tmpfs"];
