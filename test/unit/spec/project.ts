import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { SpecificationError } from "../../../components/spec/index.ts";

/** Makes a project with `web/Dockerfile`, `web/prod.Dockerfile`, `bare/` and `content/` for the tests of one file; returns its root. */
export function makeProject(): string {
  const root = mkdtempSync(join(tmpdir(), "slipway-spec-"));
  for (const directory of ["web", "bare", "content"]) mkdirSync(join(root, directory));
  for (const file of ["web/Dockerfile", "web/prod.Dockerfile"]) writeFileSync(join(root, file), "FROM scratch\n");
  afterAll(() => {
    rmSync(root, { recursive: true });
  });
  return root;
}

/** The faults of a definition, each as `path: message`. */
export function faultsOf(define: () => unknown): string[] {
  return errorOf(define).faults.map(({ path, message }) => `${path}: ${message}`);
}

/** What a definition throws; fails when it throws nothing or something else. */
export function errorOf(define: () => unknown): SpecificationError {
  try {
    define();
  } catch (error) {
    if (error instanceof SpecificationError) return error;
    throw error;
  }
  throw new Error("the definition has no faults");
}
