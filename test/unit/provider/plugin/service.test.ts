import proto from "@pulumi/pulumi/proto/provider_pb.js";
import { expect, it } from "vitest";
import { z } from "zod";
import { EngineLog } from "../../../../provider/plugin/engine-log.ts";
import { defineResource } from "../../../../provider/plugin/resource.ts";
import { ResourceService } from "../../../../provider/plugin/service.ts";
import { fromStruct, toStruct } from "../../../../provider/plugin/struct.ts";

const inputs = z.object({ size: z.number() });
const made = () => Promise.reject(new Error("a preview makes nothing"));
const disk = defineResource({
  ...{ inputs, state: inputs, create: made, update: made },
  foresee: ({ inputs: before, state }, news) => (before.size === news.size ? {} : { serial: state.serial }),
});
const plain = defineResource({ inputs, state: inputs, create: made, update: made });
const service = new ResourceService(
  { name: "test", version: "1.0.0", resources: { "test:index:Disk": disk, "test:index:Plain": plain } },
  new EngineLog(undefined),
);
const urn = (type: string) => `urn:pulumi:dev::shop::test:index:${type}::it`;

it("a preview of something new knows its inputs, and makes nothing", async () => {
  const request = new proto.CreateRequest();
  request.setUrn(urn("Disk"));
  request.setProperties(toStruct({ size: 1 }));
  request.setPreview(true);

  expect(fromStruct((await service.create(request)).getProperties())).toEqual({ size: 1 });
});

it.each([
  ["Disk", { size: 2, serial: "abc" }],
  ["Plain", { size: 2 }],
])("a preview of a change of a %s knows the new inputs, and what its type foresees", async (type, known) => {
  const request = new proto.UpdateRequest();
  request.setUrn(urn(type));
  request.setOldInputs(toStruct({ size: 1 }));
  request.setOlds(toStruct({ size: 1, serial: "abc" }));
  request.setNews(toStruct({ size: 2 }));
  request.setPreview(true);

  expect(fromStruct((await service.update(request)).getProperties())).toEqual(known);
});
