import { execa } from "execa";
import { join } from "node:path";
import { expect, test } from "vitest";

const repository = join(import.meta.dirname, "../../..");

async function evaluate(script: string, preload: boolean): Promise<unknown> {
  const first = preload ? ["--require", "./toolchain/quick-start.cjs"] : [];
  const { stdout } = await execa(process.execPath, [...first, "--eval", `console.log(JSON.stringify(${script}))`], {
    cwd: repository,
  });
  return JSON.parse(stdout);
}

const loadedDear = `(require("@pulumi/pulumi"), require("@pulumi/pulumi/cmd/run/tracing"), require("source-map-support/register"),
  ["@npmcli/arborist/lib/index.js", "typescript/lib/typescript.js", "sdk-trace-node/build/src/NodeTracerProvider.js", "source-map-support.js",
    "pulumi/automation/localWorkspace.js", "pulumi/provider/server.js", "runtime/closure/createClosure.js"]
    .filter((end) => Object.keys(require.cache).some((file) => file.endsWith(end))))`;

test("the SDK of this version loads what programs like ours never use", async () => {
  expect(await evaluate(loadedDear, false)).toHaveLength(7);
});

test("with the preload it does not", async () => {
  expect(await evaluate(loadedDear, true)).toEqual([]);
});

test("the preload leaves stack traces in Node's own form", async () => {
  expect(await evaluate(`(require("source-map-support/register"), typeof Error.prepareStackTrace)`, true)).toBe(
    await evaluate("typeof Error.prepareStackTrace", false),
  );
});

test("what is loaded late does its work when it is used", async () => {
  const serialize = `require("@pulumi/pulumi").runtime.serializeFunction(() => 42).then(({ text }) => console.log(text.includes("return () => 42")))`;
  const { stdout } = await execa(process.execPath, ["--require", "./toolchain/quick-start.cjs", "--eval", serialize], {
    cwd: repository,
  });
  expect(stdout).toBe("true");
  const parsed = `(({ createSourceFile, ScriptTarget }) => createSourceFile("a.ts", "1", ScriptTarget.Latest).statements.length)(require("@pulumi/pulumi/typescript-shim"))`;
  expect(await evaluate(parsed, true)).toBe(1);
});

test("no program is debugged that serialises no function", async () => {
  const wait = `const inspector = require("inspector"), { post } = inspector.Session.prototype, posted = [];
    inspector.Session.prototype.post = function (method, ...rest) { posted.push(method); return post.call(this, method, ...rest); };
    require("@pulumi/pulumi/runtime/closure/v8Hooks").isInitializedAsync().then(() => console.log(JSON.stringify(posted)))`;
  const posted = async (...preload: string[]) =>
    JSON.parse((await execa(process.execPath, [...preload, "--eval", wait], { cwd: repository })).stdout) as unknown;
  expect(await posted()).toEqual(["Debugger.enable"]);
  expect(await posted("--require", "./toolchain/quick-start.cjs")).toEqual([]);
});

test.each([
  ["no stack trace is kept with a promise, and errors keep theirs", {}, { kept: false, thrown: true }],
  [
    "stack traces are kept for whoever looks for leaks",
    { PULUMI_DEBUG_PROMISE_LEAKS: "1" },
    { kept: true, thrown: true },
  ],
])("%s", async (_, env, expected) => {
  const script = `const promise = Promise.resolve();
    require("@pulumi/pulumi/runtime/debuggable").debuggablePromise(promise, "test");
    console.log(JSON.stringify({ kept: promise._debugStackTrace.includes("at "), thrown: new Error("x").stack.includes("at ") }))`;
  const preload = ["--require", "./toolchain/quick-start.cjs"];
  const { stdout } = await execa(process.execPath, [...preload, "--eval", script], { cwd: repository, env });
  expect(JSON.parse(stdout)).toEqual(expected);
});

test.each([
  ["what only `pulumi up --debug` shows is not sent to the engine", {}, ["info"]],
  ["it is sent for whoever looks for a fault", { SLIPWAY_DEBUG: "1" }, ["debug", "info"]],
])("%s", async (_, env, expected) => {
  const script = `const { log, runtime } = require("@pulumi/pulumi");
    const sent = [];
    const engine = { log: (request, done) => { sent.push(request.getMessage()); done(); } };
    require("@pulumi/pulumi/runtime/settings").getEngine = () => engine;
    Promise.all([log.debug("debug"), log.info("info")]).then(() => console.log(JSON.stringify(sent)))`;
  const preload = ["--require", "./toolchain/quick-start.cjs"];
  const { stdout } = await execa(process.execPath, [...preload, "--eval", script], { cwd: repository, env });
  expect(JSON.parse(stdout)).toEqual(expected);
});
