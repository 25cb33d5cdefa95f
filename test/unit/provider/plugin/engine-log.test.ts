import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type engineProto from "@pulumi/pulumi/proto/engine_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import { afterEach, beforeEach, expect, it } from "vitest";
import { EngineLog } from "../../../../provider/plugin/engine-log.ts";

type LogRequest = InstanceType<typeof engineProto.LogRequest>;
type Empty = InstanceType<typeof emptyProto.Empty>;

let engine: Server;
let log: EngineLog;
let received: string[];
let answerNext: () => void;

beforeEach(async () => {
  received = [];
  engine = new Server();
  engine.addService(engineRpc.EngineService, {
    log: ({ request }: ServerUnaryCall<LogRequest, Empty>, callback: sendUnaryData<Empty>) => {
      received.push(request.getMessage());
      answerNext = () => {
        callback(null, new emptyProto.Empty());
      };
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    engine.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  log = new EngineLog(`127.0.0.1:${port}`);
});

afterEach(() => {
  engine.forceShutdown();
});

it("writes a line once the engine has the one before, so that they stay in order", async () => {
  log.write("info", "first", "urn");
  log.write("warning", "second", "urn");
  await expect.poll(() => received).toEqual(["first"]);

  answerNext();
  await expect.poll(() => received).toEqual(["first", "second"]);
  answerNext();

  await log.flush();
});

it("loses a line, and nothing else, when the engine is gone", async () => {
  engine.forceShutdown();

  log.write("info", "lost", "urn");

  await expect(log.flush()).resolves.toBeUndefined();
});
