import { describe, expect, it } from "vitest";
import { compareLayers, layerRows, reasonOf } from "../../../../toolchain/reproduce/compare.ts";
import type { ImageLayer } from "../../../../toolchain/reproduce/image-archive.ts";

const layer = (
  digest: string,
  instruction: string,
  entries: Record<string, [what: string, date: number]>,
): ImageLayer => ({
  digest,
  instruction,
  entries: new Map(Object.entries(entries).map(([path, [what, date]]) => [path, { what, date }])),
});
const base = layer("a", "FROM base", { "/bin": ["d", 1] });

describe("two builds of the same Dockerfile", () => {
  it("are the same when their layers are", () => {
    const layers = compareLayers([base], [base]);

    expect(layerRows(layers)).toEqual([["1", "FROM base", "same"]]);
    expect(reasonOf(layers, "20.10.24")).toBe(
      "Each layer is the same; the image's own date is that of the build, which engine 20.10.24 sets.",
    );
  });

  it("may differ in dates alone, of which the engine is the reason", () => {
    const layers = compareLayers(
      [base, layer("b", "RUN /bin/sh -c  make # buildkit", { "/out": ["f1", 10], "/var": ["d", 10], "/x": ["f", 1] })],
      [base, layer("c", "RUN /bin/sh -c  make # buildkit", { "/out": ["f1", 20], "/var": ["d", 20], "/x": ["f", 1] })],
    );

    expect(layers[1]).toEqual({
      instruction: "RUN /bin/sh -c  make # buildkit",
      ...{ same: false, dated: ["/out", "/var"], differing: [] },
    });
    expect(layerRows(layers)[1]).toEqual(["2", "RUN /bin/sh -c make", "dates differ: /out and 1 more"]);
    expect(reasonOf(layers, "20.10.24")).toMatch(
      /^Dates alone differ: engine 20\.10\.24 gives what a build writes the date of the build/,
    );
  });

  it("differ in content where an instruction does not make the same each time", () => {
    const layers = compareLayers(
      [layer("b", "RUN date >/now", { "/now": ["f1", 10], "/tmp": ["d", 10] })],
      [layer("c", "RUN date >/now", { "/now": ["f2", 20], "/tmp": ["d", 20], "/more": ["f", 1] })],
    );

    expect(layerRows(layers)).toEqual([["1", "RUN date >/now", "content differs: /more and 1 more"]]);
    expect(reasonOf(layers, "20.10.24")).toMatch(/^What the instructions above make is not the same each time/);
  });
});
