import { describe, expect, it } from "vitest";
import { lintDockerfile } from "../../../../provider/image/lint.ts";

const PINNED = `node@sha256:${"a".repeat(64)}`;
const OWN_BASE = `127.0.0.1:5000/slipway/platform/base-node@sha256:${"a".repeat(64)}`;

const warnings = (lines: readonly string[], options: Parameters<typeof lintDockerfile>[1] = {}) =>
  lintDockerfile(lines.join("\n"), options).map(({ line, rule, text }) => `${line} ${rule}: ${text}`);
const rules = (...lines: string[]) => lintDockerfile(lines.join("\n")).map(({ line, rule }) => `${line} ${rule}`);
const run = (...commands: string[]) => rules(`FROM ${PINNED}`, "USER 1000", ...commands);

describe("a FROM", () => {
  it("is to be pinned by digest, arguments put in, in each stage that is no earlier stage", () => {
    const dockerfile = ["ARG TAG=24", "FROM node:${TAG} AS build", "FROM build", "FROM scratch", "USER 1"];

    expect(warnings(dockerfile)).toEqual([
      "2 unpinned: FROM node:24 is not pinned: a tag can be moved to other content, name@sha256:… cannot",
    ]);
    expect(warnings(dockerfile, { args: { TAG: `24@sha256:${"a".repeat(64)}` } })).toEqual([]);
  });
});

describe("the user that a program runs as", () => {
  const none =
    "there is no USER, so that the program runs as the base image's user, most often root: add USER 1000:1000";

  it("is to be named", () => {
    expect(warnings([`FROM ${PINNED} AS a`, "USER 1000", `FROM ${PINNED}`])).toEqual([`3 root: ${none}`]);
    expect(warnings([`FROM ${OWN_BASE}`])).toEqual([]);
  });

  it.each(["root", "0", "0:0", "root:node"])("is not to be %s at the end", (user) => {
    expect(warnings([`FROM ${PINNED}`, "USER 1000", `USER ${user}`])).toEqual([
      `3 root: USER ${user} is the last one: let the program run as another`,
    ]);
  });

  it("may be root on the way, and is taken over from the stage that another starts from", () => {
    expect(rules(`FROM ${PINNED} AS a`, "USER 1000", "FROM a", "USER root", "USER node")).toEqual([]);
    expect(rules(`FROM ${PINNED} AS a`, "USER 1000", "FROM a")).toEqual([]);
  });

  it("is that of the stage that is built", () => {
    const dockerfile = [`FROM ${PINNED} AS test`, "USER root", `FROM ${PINNED}`, "USER 1000"];

    expect(warnings(dockerfile)).toEqual([]);
    expect(warnings(dockerfile, { target: "test" })).toHaveLength(1);
  });
});

describe("what a RUN installs", () => {
  it.each([
    "npm install",
    "npm i --omit=dev",
    "npm install -g npm@11.0.0 left-pad",
    "cd /app && npm install express",
    "yarn",
    "yarn install --production",
    "pnpm install",
    "pip install flask",
    "python3 -m pip install flask==3.0 jinja2",
    "bundle install",
    "composer update",
    "go install example.org/tool@latest",
    "cargo install ripgrep",
    "--mount=type=cache,target=/root/.npm npm install",
    "CI=true npm install",
  ])("is not locked: %s", (command) => {
    expect(run(`RUN ${command}`)).toEqual(["3 unlocked"]);
  });

  it.each([
    "npm ci",
    "npm install -g npm@11.0.0 @scope/tool@1.2.3",
    "npm run install",
    "yarn install --immutable",
    "yarn build",
    "pnpm install --frozen-lockfile",
    "pip install -r requirements.txt",
    "pip install flask==3.0.1",
    "bundle install --deployment",
    "composer install",
    "go install example.org/tool@v1.2.3",
    "go install ./...",
    "cargo install --locked ripgrep",
    "apt-get install -y curl",
    "echo npm install",
  ])("is locked: %s", (command) => {
    expect(run(`RUN ${command}`)).toEqual([]);
  });

  it("is named with its line, also below the first of its instruction", () => {
    expect(
      warnings([
        `FROM ${PINNED}`,
        "USER 1",
        "RUN apt-get update && \\",
        "    apt-get clean; \\",
        "    npm install \\",
        "    express",
      ]),
    ).toEqual([
      "5 unlocked: npm install express installs what is newest on the day of the build: npm ci takes what package-lock.json says",
    ]);
  });
});

describe("a secret", () => {
  it.each(["ARG NPM_TOKEN", "ARG A=1 DB_PASSWORD=x", "ENV API_KEY=abc", "ENV GITHUB_SECRET abc"])(
    "has no place in %s",
    (line) => {
      expect(run(line)).toEqual(["3 secret"]);
    },
  );

  it.each(["ARG NODE_IMAGE", "ENV KEYBOARD=us", "ENV TOKENIZER=fast", "ARG PASSENGERS=3"])("is not %s", (line) => {
    expect(run(line)).toEqual([]);
  });
});

describe("a comment right above", () => {
  it("takes out the rules that it names, for this instruction alone", () => {
    expect(
      rules(
        "# The newest one is wanted here.",
        "# slipway ignore=unpinned,root",
        "# It is only for tests.",
        "FROM node:24",
        "# slipway ignore=root",
        "RUN npm install",
      ),
    ).toEqual(["6 unlocked"]);
  });
});
