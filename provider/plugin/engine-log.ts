import { credentials, Metadata } from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineProto from "@pulumi/pulumi/proto/engine_pb.js";

const PATIENCE_MS = 5000;

/**
 * Writes to the output of the `pulumi` command that runs the plugin, line after line: the engine takes several at once in
 * any order. Without an engine it writes nothing.
 */
export class EngineLog {
  private client: InstanceType<typeof engineRpc.EngineClient> | undefined;
  private written = Promise.resolve();

  constructor(address: string | undefined) {
    if (address !== undefined) this.connect(address);
  }

  connect(address: string): void {
    this.client = new engineRpc.EngineClient(address, credentials.createInsecure());
  }

  /** Shows a line on the resource's row; an ephemeral one is replaced by the next. */
  write(severity: "info" | "warning", message: string, urn: string, ephemeral = false): void {
    const request = new engineProto.LogRequest();
    request.setSeverity(severity === "info" ? engineProto.LogSeverity.INFO : engineProto.LogSeverity.WARNING);
    request.setMessage(message);
    request.setUrn(urn);
    request.setEphemeral(ephemeral);
    this.written = this.written.then(() => this.send(request)).catch(() => undefined);
  }

  /** Waits until every line so far was written. */
  flush(): Promise<void> {
    return this.written;
  }

  private send(request: InstanceType<typeof engineProto.LogRequest>): Promise<void> {
    const { client } = this;
    if (!client) return Promise.resolve();
    // A lost line of progress is no reason to fail a deploy, nor is an engine that is slow to take it.
    return new Promise((resolve) => {
      client.log(request, new Metadata(), { deadline: Date.now() + PATIENCE_MS }, () => {
        resolve();
      });
    });
  }
}
