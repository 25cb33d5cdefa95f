"use strict";
// Loaded before the program (Pulumi.yaml, nodeargs): when `pulumi up` is killed, nobody ends the program, and the SDK goes
// on asking an engine that is gone, with one core and more memory by the minute.
const { connect } = require("node:net");

const LOOK_MILLISECONDS = 3000;
const address = process.argv[process.argv.indexOf("--engine") + 1] ?? "";
const [host, port] = address.split(":");

if (process.argv.includes("--engine") && port !== undefined) {
  setInterval(() => {
    const attempt = connect({ host, port: Number(port) });
    attempt.unref();
    attempt.on("connect", () => attempt.destroy());
    attempt.on("error", () => process.exit(1));
  }, LOOK_MILLISECONDS).unref();
}
