"use strict";
// Loaded before the program (Pulumi.yaml, nodeargs): an older Node would only say that it does not know the extension ".ts".
if (Number(process.versions.node.split(".")[0]) < 24) {
  console.error(
    `Slipway's program needs Node 24 or newer, and this is ${process.version} (${process.execPath}).\n` +
      'Run `eval "$(npm run --silent env)"` in the project, then pulumi again: it puts the project\'s own Node first on PATH.',
  );
  process.exit(1);
}
