import { flushCompileCache } from "node:module";
import { type ServiceError, Server, ServerCredentials, status, Metadata, type sendUnaryData } from "@grpc/grpc-js";
import errorProto from "@pulumi/pulumi/proto/provider_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import rpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import anyProto from "google-protobuf/google/protobuf/any_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import { describe } from "./describe.ts";
import { EngineLog } from "./engine-log.ts";
import { PartialFailure } from "./resource.ts";
import { ResourceService } from "./service.ts";
import type { Plugin } from "./plugin.ts";
import { toStruct } from "./struct.ts";

/**
 * Serves a plugin to the Pulumi engine until the engine ends it. The engine starts a plugin with its own address as the
 * first argument and reads the plugin's port from the first line of standard output
 * (pulumi/sdk/go/common/resource/plugin/plugin.go).
 *
 * Written on the protocol, since `@pulumi/pulumi/provider` gives a plugin neither its configuration nor a log.
 */
export async function servePlugin(plugin: Plugin): Promise<void> {
  endWithEngine();
  const log = new EngineLog(process.argv[2]);
  const service = new ResourceService(plugin, log);
  const answer = answerer(log);
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(rpc.ResourceProviderService, {
    checkConfig: answer(service.checkConfig),
    diffConfig: answer(service.diffConfig),
    configure: answer(service.configure),
    check: answer(service.check),
    diff: answer(service.diff),
    create: answer(service.create),
    read: answer(service.read),
    update: answer(service.update),
    delete: answer(service.delete),
    getPluginInfo: answer(() => {
      const info = new pluginProto.PluginInfo();
      info.setVersion(plugin.version);
      return info;
    }),
    attach: answer((request: pluginProto.PluginAttach) => {
      log.connect(request.getAddress());
      return new emptyProto.Empty();
    }),
    cancel: answer(() => {
      service.cancel();
      return new emptyProto.Empty();
    }),
  });
  const port = await bind(server);
  process.stdout.write(`${String(port)}\n`);
  // The engine kills its plugins, and Node keeps what it compiled (NODE_COMPILE_CACHE) only when a process ends by itself.
  flushCompileCache();
}

/** An engine that is killed cannot end its plugins; what they were doing is taken up by the next `up`. */
function endWithEngine(): void {
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit(1);
  }, 1000).unref();
}

function bind(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

type Handler<Request, Response> = (request: Request) => Response | Promise<Response>;

/** What a resource has told comes before its end. */
function answerer(log: EngineLog) {
  return <Request, Response>(handler: Handler<Request, Response>) =>
    (call: { request: Request }, callback: sendUnaryData<Response>): void => {
      Promise.resolve()
        .then(() => handler(call.request))
        .finally(() => log.flush())
        .then(
          (response) => {
            callback(null, response);
          },
          (error: unknown) => {
            callback(toServiceError(error));
          },
        );
    };
}

function toServiceError(error: unknown): ServiceError {
  const message = describe(error);
  const metadata = new Metadata();
  if (error instanceof PartialFailure) metadata.set("grpc-status-details-bin", partialFailureDetails(error));
  return Object.assign(new Error(message), { code: status.UNKNOWN, details: message, metadata });
}

function partialFailureDetails(failure: PartialFailure): Buffer {
  const detail = new errorProto.ErrorResourceInitFailed();
  detail.setId(failure.id);
  detail.setProperties(toStruct(failure.state));
  detail.setReasonsList([failure.message]);
  const packed = new anyProto.Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const answered = new statusProto.Status();
  answered.setCode(status.UNKNOWN);
  answered.setMessage(failure.message);
  answered.addDetails(packed);
  return Buffer.from(answered.serializeBinary());
}
