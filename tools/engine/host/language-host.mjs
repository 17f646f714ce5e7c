// A Node language host for the Pulumi CLI: serves the language runtime protocol around the project's compiled main module,
// with the SDK's own program runner. Used where the CLI was built without the host that its installer brings.
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** The project's packages, found from the nearest package.json above: the CLI starts the host in the folder of the program. */
const project = createRequire(nearest("package.json", process.cwd()));
const grpc = project("@grpc/grpc-js");
const services = project("@pulumi/pulumi/proto/language_grpc_pb.js");
const languageMessages = project("@pulumi/pulumi/proto/language_pb.js");
const pluginMessages = project("@pulumi/pulumi/proto/plugin_pb.js");
const { LanguageServer } = project("@pulumi/pulumi/automation/server.js");
const log = project("@pulumi/pulumi/log/index.js");

function nearest(name, folder) {
  const path = join(folder, name);
  return existsSync(path) || folder === dirname(folder) ? path : nearest(name, dirname(folder));
}

/** The engine's address is the one argument that is not a flag. */
const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";

/** Path of the module that holds the program, from what the engine says of it. */
function mainModule(request) {
  const info = request.getInfo?.();
  const folder = info?.getProgramDirectory() || request.getPwd();
  const path = resolve(folder, info?.getEntryPoint() || request.getProgram() || ".");
  if (!statSync(path).isDirectory()) return path;
  return join(path, JSON.parse(readFileSync(join(path, "package.json"), "utf8")).main ?? "index.js");
}

/** Runs a program module as Pulumi's own host does: a default export that is a function is called, else the exports are the outputs. */
async function runProgram(path) {
  const module = await import(pathToFileURL(path).href);
  const exported = "default" in module ? module.default : { ...module };
  return typeof exported === "function" ? exported() : exported;
}

/** Plugins of the Pulumi packages among the project's dependencies, without those that a debug provider stands in for. */
function requiredPlugins() {
  const attached = new Set((process.env.PULUMI_DEBUG_PROVIDERS ?? "").split(",").map((entry) => entry.split(":")[0]));
  const { dependencies = {} } = project("./package.json");
  const plugins = [];
  for (const name of Object.keys(dependencies).filter((dependency) => dependency.startsWith("@pulumi/"))) {
    const { pulumi, version } = project(`${name}/package.json`);
    if (!pulumi?.resource || attached.has(pulumi.name)) continue;
    const plugin = new pluginMessages.PluginDependency();
    plugin.setName(pulumi.name);
    plugin.setKind("resource");
    plugin.setVersion(`v${pulumi.version ?? version}`);
    if (pulumi.server) plugin.setServer(pulumi.server);
    plugins.push(plugin);
  }
  return plugins;
}

/** The SDK's runner answers a failure twice, and the engine would print again what the runner has logged: `bail` says that it has. */
function once(reply) {
  let answered = false;
  return (error, response) => {
    if (answered) return;
    answered = true;
    if (!error || !log.hasErrors()) return reply(error, response);
    const told = new languageMessages.RunResponse();
    told.setBail(true);
    reply(null, told);
  };
}

const host = {
  getPluginInfo(_call, reply) {
    const info = new pluginMessages.PluginInfo();
    info.setVersion("1.0.0");
    reply(null, info);
  },
  getRequiredPlugins(_call, reply) {
    const answer = new languageMessages.GetRequiredPluginsResponse();
    answer.setPluginsList(requiredPlugins());
    reply(null, answer);
  },
  about(_call, reply) {
    const answer = new languageMessages.AboutResponse();
    answer.setExecutable(process.execPath);
    answer.setVersion(process.version);
    reply(null, answer);
  },
  run(call, reply) {
    if (call.request.getPwd()) process.chdir(call.request.getPwd());
    const runner = new LanguageServer(() => runProgram(mainModule(call.request)));
    call.request.setArgsList([engineAddress]);
    runner.run(call, once(reply));
  },
};

const server = new grpc.Server({
  "grpc.max_receive_message_length": 400 * 1024 * 1024,
  "grpc.max_send_message_length": 400 * 1024 * 1024,
});
server.addService(services.LanguageRuntimeService, host);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
