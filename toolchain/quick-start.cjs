"use strict";
// Loaded before the program (Pulumi.yaml, nodeargs): what the SDK does at every start and for every resource, and programs
// like ours never use, is more than half of the time that it takes. A version of the SDK that lacks one of these modules
// works as without this file.
const { createRequire, Module } = require("node:module");

/** Modules that are loaded when something of them is used, by the path from which the SDK itself finds them. */
const LATE = [
  // Runs Pulumi from a program.
  "./automation/index.js",
  // Serves a plugin written with the SDK.
  "./provider/index.js",
  // Serialises functions.
  "./runtime/closure/serializeClosure.js",
  // Finds the packages of serialised functions, with npm's own dependency solver.
  "./runtime/closure/codePaths.js",
  // Parses serialised functions.
  "./typescript-shim.js",
  // Sends traces, when --tracing asks for them.
  "@opentelemetry/exporter-zipkin",
  "@opentelemetry/instrumentation",
  "@opentelemetry/instrumentation-grpc",
  "@opentelemetry/resources",
  "@opentelemetry/sdk-trace-base",
  "@opentelemetry/sdk-trace-node",
];

const sdk = createRequire(require.resolve("@pulumi/pulumi"));

for (const name of LATE) replace(name, (load) => lateExports((member) => lateMember(() => load()[member])));

// Reads the SDK's source maps for each stack trace. Our own lines need none: Node strips types where they stand.
replace("source-map-support/register", () => ({}));

// Debugs the program from its start, to know where serialised functions stand: 40 ms of an inspector that nobody asks. Who
// serialises one all the same has it debugged from then on.
replace("./runtime/closure/v8Hooks.js", (load) =>
  lateExports((member) =>
    member === "isInitializedAsync" ? () => Promise.resolve() : lateMember(() => load()[member]),
  ),
);

// Keeps a stack trace with each of the SDK's promises, of which a resource has dozens, for whoever looks for leaks.
if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
  replace("./runtime/debuggable.js", (load) =>
    lateExports((member) => (member === "debuggablePromise" ? withoutTrace(load().debuggablePromise) : load()[member])),
  );
}

// Sends the engine five messages for each resource, one after the other, that only `pulumi up --debug` shows.
if (!process.env.SLIPWAY_DEBUG) {
  replace("./log/index.js", (load) =>
    lateExports((member) => (member === "debug" ? () => Promise.resolve() : load()[member])),
  );
}

function replace(name, exportsFor) {
  const file = resolved(name);
  if (file === undefined || require.cache[file] !== undefined) return;
  let real;
  const load = () => {
    if (real === undefined) delete require.cache[file];
    return (real ??= require(file));
  };
  require.cache[file] = Object.assign(new Module(file), { filename: file, loaded: true, exports: exportsFor(load) });
}

function resolved(name) {
  try {
    return sdk.resolve(name);
  } catch {
    return undefined;
  }
}

function lateExports(memberOf) {
  return new Proxy({}, { get: (_, member) => (member === "__esModule" ? true : memberOf(member)) });
}

/** Stands for a member that the SDK takes out at once, until it is called, constructed or read. */
function lateMember(real) {
  return new Proxy(function () {}, {
    apply: (_, self, args) => Reflect.apply(real(), self, args),
    construct: (_, args) => Reflect.construct(real(), args),
    get: (_, key) => Reflect.get(real(), key),
  });
}

function withoutTrace(run) {
  return (...args) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return run(...args);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}
