import proto from "@pulumi/pulumi/proto/provider_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import { decodeConfig } from "./config.ts";
import type { EngineLog } from "./engine-log.ts";
import { changedProperties } from "./resource.ts";
import type { AnyResourceType, Properties, ResourceContext, ResourceDiff } from "./resource.ts";
import type { Plugin } from "./plugin.ts";
import { fromStruct, toStruct } from "./struct.ts";

/** Answers the engine's calls with the plugin's resource types. */
export class ResourceService {
  private readonly plugin: Plugin;
  private readonly log: EngineLog;
  private readonly abort = new AbortController();
  private config: Properties = {};

  constructor(plugin: Plugin, log: EngineLog) {
    this.plugin = plugin;
    this.log = log;
  }

  /** Ends every wait that listens to its context's signal. */
  cancel(): void {
    this.abort.abort(new Error("stopped by the user"));
  }

  checkConfig = (request: proto.CheckRequest): proto.CheckResponse => {
    const response = new proto.CheckResponse();
    response.setInputs(request.getNews());
    return response;
  };

  // A plugin's settings say where it works and how it signs in; a change of them moves no resource.
  diffConfig = (request: proto.DiffRequest): proto.DiffResponse => {
    const changed = changedProperties(fromStruct(request.getOlds()), fromStruct(request.getNews()));
    return toDiffResponse({ changed });
  };

  configure = (request: proto.ConfigureRequest): proto.ConfigureResponse => {
    this.config = decodeConfig(fromStruct(request.getArgs()));
    const response = new proto.ConfigureResponse();
    // Secrets come and go in plain form here; the engine marks outputs of the same names as secret.
    response.setAcceptsecrets(false);
    response.setSupportspreview(true);
    return response;
  };

  check = async (request: proto.CheckRequest): Promise<proto.CheckResponse> => {
    const type = this.typeOf(request.getUrn());
    const news = fromStruct(request.getNews());
    const olds = request.hasOlds() ? fromStruct(request.getOlds()) : undefined;
    const context = this.contextOf(request.getUrn(), request.getRandomseed_asU8());
    const { inputs, faults = [] } = (await type.check?.(news, olds, context)) ?? { inputs: news };
    const response = new proto.CheckResponse();
    response.setInputs(toStruct(inputs));
    response.setFailuresList(
      faults.map(({ property, reason }) => {
        const failure = new proto.CheckFailure();
        failure.setProperty(property);
        failure.setReason(reason);
        return failure;
      }),
    );
    return response;
  };

  diff = (request: proto.DiffRequest): proto.DiffResponse => {
    const type = this.typeOf(request.getUrn());
    const olds = { inputs: fromStruct(request.getOldInputs()), state: fromStruct(request.getOlds()) };
    const news = fromStruct(request.getNews());
    const ignored = new Set(request.getIgnorechangesList());
    const diff = type.diff?.(olds, news, this.contextOf(request.getUrn())) ?? {
      changed: changedProperties(olds.inputs, news),
    };
    const changed = diff.changed.filter((key) => !ignored.has(key));
    const replaces = type.update === undefined ? changed : (diff.replaces ?? []).filter((key) => !ignored.has(key));
    return toDiffResponse({ ...diff, changed, replaces });
  };

  create = async (request: proto.CreateRequest): Promise<proto.CreateResponse> => {
    const type = this.typeOf(request.getUrn());
    const inputs = fromStruct(request.getProperties());
    const response = new proto.CreateResponse();
    if (request.getPreview()) {
      response.setProperties(toStruct(inputs));
      return response;
    }
    const { id, state } = await type.create(inputs, this.contextOf(request.getUrn()));
    response.setId(id);
    response.setProperties(toStruct({ ...inputs, ...state }));
    return response;
  };

  read = async (request: proto.ReadRequest): Promise<proto.ReadResponse> => {
    const type = this.typeOf(request.getUrn());
    const state = fromStruct(request.getProperties());
    const inputs = fromStruct(request.getInputs());
    const context = this.contextOf(request.getUrn());
    const found = type.read ? await type.read(request.getId(), state, context, inputs) : { state };
    const response = new proto.ReadResponse();
    if (found === undefined) return response;
    response.setId(found.id ?? request.getId());
    response.setProperties(toStruct(found.state));
    response.setInputs(toStruct(found.inputs ?? inputs));
    return response;
  };

  update = async (request: proto.UpdateRequest): Promise<proto.UpdateResponse> => {
    const type = this.typeOf(request.getUrn());
    const olds = fromStruct(request.getOlds());
    const news = fromStruct(request.getNews());
    const response = new proto.UpdateResponse();
    if (request.getPreview()) {
      const before = { inputs: fromStruct(request.getOldInputs()), state: olds };
      response.setProperties(toStruct({ ...news, ...type.foresee?.(before, news) }));
      return response;
    }
    if (!type.update) throw new Error(`${request.getUrn()}: every change replaces this resource`);
    const state = await type.update(request.getId(), olds, news, this.contextOf(request.getUrn()));
    response.setProperties(toStruct({ ...news, ...state }));
    return response;
  };

  delete = async (request: proto.DeleteRequest): Promise<InstanceType<typeof emptyProto.Empty>> => {
    const type = this.typeOf(request.getUrn());
    await type.delete?.(request.getId(), fromStruct(request.getProperties()), this.contextOf(request.getUrn()));
    return new emptyProto.Empty();
  };

  private typeOf(urn: string): AnyResourceType {
    const token = typeToken(urn);
    const type = this.plugin.resources[token];
    if (type) return type;
    const known = Object.keys(this.plugin.resources).sort().join(", ");
    throw new Error(
      `${token}: plugin "${this.plugin.name}" ${this.plugin.version} has no such resource type; it has ${known}`,
    );
  }

  private contextOf(urn: string, randomSeed: Uint8Array = new Uint8Array()): ResourceContext {
    let shown = "";
    return {
      urn,
      name: urn.slice(urn.lastIndexOf("::") + 2),
      config: this.config,
      signal: this.abort.signal,
      randomSeed,
      progress: (message) => {
        if (message === shown) return;
        shown = message;
        this.log.write("info", message, urn, true);
      },
      info: (message) => {
        this.log.write("info", message, urn);
      },
      warn: (message) => {
        this.log.write("warning", message, urn);
      },
    };
  }
}

/** `urn:pulumi:stack::project::parent$type::name`; the type is what follows the last `$`. */
function typeToken(urn: string): string {
  const qualified = urn.split("::")[2] ?? "";
  return qualified.slice(qualified.lastIndexOf("$") + 1);
}

function toDiffResponse(diff: ResourceDiff): proto.DiffResponse {
  const response = new proto.DiffResponse();
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
  response.setChanges(diff.changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList([...diff.changed]);
  response.setReplacesList([...(diff.replaces ?? [])]);
  response.setDeletebeforereplace(diff.deleteBeforeReplace ?? false);
  return response;
}
