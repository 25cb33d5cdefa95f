import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { dockerPlugin } from "../../../../toolchain/plugins/docker/plugin.ts";
import { randomPlugin } from "../../../../toolchain/plugins/random/plugin.ts";
import { tlsPlugin } from "../../../../toolchain/plugins/tls/plugin.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const PLUGINS = [dockerPlugin, randomPlugin, tlsPlugin];

describe("stand-ins", () => {
  it("have each resource type that the components declare", () => {
    expect(declaredTypes(componentSources()).filter((token) => !isKnown(token))).toEqual([]);
  });

  it("would miss one that they lack, however its package is called where it is declared", () => {
    const source = 'import * as d from "@pulumi/docker";\nnew d.Container("a", {});\nnew d.Secret("b", {});';

    expect(declaredTypes([source]).filter((token) => !isKnown(token))).toEqual(["docker:index/secret:Secret"]);
  });

  it.each(PLUGINS.map((plugin) => [plugin.name, plugin.version]))("%s has the version of its SDK", (name, version) => {
    const manifest: unknown = JSON.parse(readFileSync(join(ROOT, `node_modules/@pulumi/${name}/package.json`), "utf8"));

    expect(manifest).toMatchObject({ version });
  });
});

function isKnown(token: string): boolean {
  return PLUGINS.some(({ resources }) => token in resources);
}

function componentSources(): string[] {
  return readdirSync(join(ROOT, "components"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(ROOT, "components", file), "utf8"));
}

/** Tokens of all `new docker.X(…)`, `new random.X(…)` and `new tls.X(…)`, by what the file imports under that name. */
function declaredTypes(sources: readonly string[]): string[] {
  const tokens = new Set<string>();
  for (const source of sources) {
    const file = ts.createSourceFile("component.ts", source, ts.ScriptTarget.Latest);
    const packages = namespaceImports(file);
    const visit = (node: ts.Node): void => {
      if (ts.isNewExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
        const { expression, name } = node.expression;
        const from = ts.isIdentifier(expression) ? packages.get(expression.text) : undefined;
        // Provider is no resource type of a plugin, but the plugin itself.
        if (from !== undefined && name.text !== "Provider") tokens.add(tokenOf(from, name.text));
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return [...tokens].sort();
}

function namespaceImports(file: ts.SourceFile): Map<string, string> {
  const packages = new Map<string, string>();
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const [, name] = /^@pulumi\/(docker|random|tls)$/.exec(statement.moduleSpecifier.text) ?? [];
    const bindings = statement.importClause?.namedBindings;
    if (name !== undefined && bindings && ts.isNamespaceImport(bindings)) packages.set(bindings.name.text, name);
  }
  return packages;
}

function tokenOf(packageName: string, className: string): string {
  return `${packageName}:index/${className.charAt(0).toLowerCase()}${className.slice(1)}:${className}`;
}
