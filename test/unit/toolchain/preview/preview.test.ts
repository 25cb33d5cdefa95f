import { describe, expect, it } from "vitest";
import { previewText } from "../../../../toolchain/commands/preview.ts";
import { parsePreview } from "../../../../toolchain/preview/changes.ts";
import { groupByRisk } from "../../../../toolchain/preview/risks.ts";

const URN = "urn:pulumi:qa::slipway::slipway:index:Environment$";
const state = (type: string, inputs: object = {}, more: object = {}) => ({ type, custom: true, inputs, ...more });
const step = (op: string, type: string, name: string, more: object = {}) => ({
  op,
  urn: `${URN}${type}::${name}`,
  newState: state(type),
  ...more,
});

const CONTAINER = "docker:index/container:Container";
const VOLUME = "docker:index/volume:Volume";
const STEPS = [
  step("same", "slipway:index:Attachment", "qa-attachment"),
  step("refresh", CONTAINER, "qa-web-1"),
  step("create", "docker:index/remoteImage:RemoteImage", "qa-web-pull"),
  step("update", "slipway:index:Release", "qa-web-release", { diffReasons: ["containers"] }),
  step("replace", CONTAINER, "qa-web-1", {
    oldState: state(CONTAINER, { memory: 128, image: "a".repeat(41), user: "[secret]" }),
    newState: state(CONTAINER, { memory: 100, image: "b".repeat(41), user: "[secret]" }),
    diffReasons: ["memory", "image", "user"],
    replaceReasons: ["image"],
  }),
  step("delete", "docker:index/network:Network", "qa-old-network"),
  step("delete", VOLUME, "qa-logs-volume", {
    newState: undefined,
    oldState: state(VOLUME, {}, { retainOnDelete: true }),
  }),
  step("replace", VOLUME, "qa-cache-volume", { oldState: state(VOLUME) }),
  step("create", VOLUME, "qa-new-volume"),
  { op: "create", urn: `${URN}x::component`, newState: { type: "slipway:docker:Volume", custom: false } },
  step("create", "pulumi:providers:docker", "qa-docker"),
];

describe("a preview", () => {
  it("tells what puts data at risk first, then what goes, is replaced, changes and comes", () => {
    expect(groupByRisk(parsePreview({ steps: STEPS }).changes)).toEqual([
      {
        title: "Data at risk",
        lines: [
          "volume qa-logs-volume leaves the stack; its data stays on the engine",
          "volume qa-cache-volume is replaced by an empty one; its data is deleted",
        ],
      },
      { title: "Deleted", lines: ["network qa-old-network"] },
      { title: "Replaced", lines: ["container qa-web-1: image, memory 128 → 100, user"] },
      { title: "Changed", lines: ["release qa-web-release: containers"] },
      { title: "Created", lines: ["remote image qa-web-pull", "volume qa-new-volume"] },
    ]);
  });

  it("names in words what says nothing by its name", () => {
    const guard = "slipway:index:DatabaseGuard";
    const steps = [step("update", guard, "qa-main-guard", { diffReasons: ["replacedBy", "engine"] })];

    expect(groupByRisk(parsePreview({ steps }).changes)).toEqual([
      { title: "Changed", lines: ["database guard qa-main-guard: engine, its container is replaced"] },
    ]);
  });

  it("tells what the program says, errors first and without a mark of their own", () => {
    const diagnostics = [
      { severity: "info", message: "version 2, 3 commits\n" },
      { severity: "warning", message: "warning: the proxy is replaced" },
      { severity: "error", message: "error: 1 fault in stacks/qa.ts\n" },
      { severity: "info#err", message: " \n" },
    ];

    expect(parsePreview({ steps: [], diagnostics }).messages).toEqual([
      { severity: "error", text: "1 fault in stacks/qa.ts" },
      { severity: "warning", text: "the proxy is replaced" },
      { severity: "info", text: "version 2, 3 commits" },
    ]);
  });

  it("ends with what is left as it is, and has no colours in a file", () => {
    const found = parsePreview({ steps: STEPS.slice(3, 4), changeSummary: { same: 7, update: 1 } });

    expect(previewText("qa", { ...found, succeeded: true }, {})).toBe(
      "\nChanged\n  release qa-web-release: containers\n\nStack qa: 1 to change, 7 unchanged\n",
    );
    expect(previewText("qa", { changes: [], unchanged: 7, messages: [], succeeded: true }, {})).toBe(
      "Stack qa: nothing to change, 7 unchanged\n",
    );
    const messages = [{ severity: "error" as const, text: "no" }];
    expect(previewText("qa", { changes: [], unchanged: 0, messages, succeeded: false }, {})).toBe(
      "error no\nStack qa: the preview failed\n",
    );
  });
});
