import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { dockerPlugin } from "../../../toolchain/plugins/docker/plugin.ts";
import { randomPlugin } from "../../../toolchain/plugins/random/plugin.ts";
import { tlsPlugin } from "../../../toolchain/plugins/tls/plugin.ts";

const REPOSITORY = join(import.meta.dirname, "../../..");
const PASSPHRASE = "a passphrase for tests";

/** What a pulumi command printed, and how it ended. */
export interface Run {
  output: string;
  exitCode: number;
}

/** A Pulumi project in a directory of its own, with the stand-ins as its plugins and one stack called `test`. */
export class Project {
  /** Begins all names of this project, so that projects of parallel tests do not meet. */
  readonly prefix = `plug-${randomBytes(3).toString("hex")}`;
  readonly directory: string;

  static async create(): Promise<Project> {
    const project = new Project(await mkdtemp(join(tmpdir(), "slipway-plugins-")));
    await project.prepare();
    return project;
  }

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Writes a file of the project. */
  async write(path: string, content: string | Buffer): Promise<void> {
    const file = join(this.directory, path);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, content);
  }

  /** Writes the program: statements after the imports of the SDKs. `prefix` is a constant in it. */
  program(statements: string): Promise<void> {
    const imports = ["docker", "pulumi", "random", "tls"].map((name) => `import * as ${name} from "@pulumi/${name}";`);
    return this.write("index.ts", [...imports, `const prefix = "${this.prefix}";`, statements].join("\n"));
  }

  /** Runs pulumi in the project; a failure is part of the answer. */
  async run(...args: string[]): Promise<Run> {
    const { all, exitCode } = await execa("pulumi", [...args, "--non-interactive", "--color=never"], {
      cwd: this.directory,
      env: this.environment(),
      all: true,
      reject: false,
    });
    return { output: all, exitCode: exitCode ?? -1 };
  }

  /** Runs pulumi and fails the test with all that it printed when it fails. */
  async succeed(...args: string[]): Promise<string> {
    const { output, exitCode } = await this.run(...args);
    if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${exitCode}:\n${output}`);
    return output;
  }

  /** Deploys the program. */
  up(...args: string[]): Promise<string> {
    return this.succeed("up", "--yes", "--skip-preview", ...args);
  }

  /** Reads the stack's outputs, secrets in plain text. */
  async outputs(): Promise<Record<string, unknown>> {
    const json = await this.succeed("stack", "output", "--json", "--show-secrets");
    return JSON.parse(json) as Record<string, unknown>;
  }

  /** Removes what the stack made, and the project. */
  async remove(): Promise<void> {
    await this.succeed("destroy", "--yes", "--skip-preview");
    await rm(this.directory, { recursive: true });
  }

  private async prepare(): Promise<void> {
    await this.write(
      "Pulumi.yaml",
      "name: plugins\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.ts\n",
    );
    await this.write("package.json", '{ "name": "plugins", "type": "module" }\n');
    await mkdir(join(this.directory, "state"));
    await symlink(join(REPOSITORY, "node_modules"), join(this.directory, "node_modules"));
    for (const { name, version } of [dockerPlugin, randomPlugin, tlsPlugin]) {
      const launcher = join("home/plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`);
      const main = join(REPOSITORY, "toolchain/plugins", name, "main.ts");
      await this.write(launcher, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
      await chmod(join(this.directory, launcher), 0o755);
    }
    await this.succeed("stack", "init", "test");
  }

  private environment(): Record<string, string> {
    return {
      PULUMI_HOME: join(this.directory, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.directory, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
  }
}
