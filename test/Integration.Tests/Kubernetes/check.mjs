// node check.mjs FILE: checks rendered manifests against the schemas of Kubernetes and prints { objects, problems } as JSON.
// The schemas tolerate members that they do not know, a server does not: every member that no schema has looked at is a problem too.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseAllDocuments } from "yaml";

const require = createRequire(import.meta.url);
const problems = [];
const objects = [];

/** The value, noting every member that is read. */
function watched(value, path, read) {
  if (value === null || typeof value !== "object") return value;
  return new Proxy(value, {
    get(target, key, receiver) {
      const member = Reflect.get(target, key, receiver);
      if (typeof key === "symbol" || typeof member === "function") return member;
      read.add(`${path}/${key}`);
      return watched(member, `${path}/${key}`, read);
    },
  });
}

/** Paths of all members, those of arrays included. */
function* paths(value, path) {
  if (value === null || typeof value !== "object") return;
  for (const [key, member] of Object.entries(value)) {
    yield `${path}/${key}`;
    yield* paths(member, `${path}/${key}`);
  }
}

function modelOf(object) {
  try {
    return require(`kubernetes-models/${object.apiVersion}/${object.kind}`)[object.kind];
  } catch {
    return undefined;
  }
}

for (const document of parseAllDocuments(readFileSync(process.argv[2], "utf8"))) {
  problems.push(...document.errors.map((error) => error.message));
  const object = document.toJS();
  const name = `${object.kind}/${object.metadata?.name}`;
  objects.push(object);
  const model = modelOf(object);
  if (model === undefined) {
    problems.push(`${name}: there is no ${object.kind} in ${object.apiVersion}`);
    continue;
  }
  const read = new Set();
  try {
    model.prototype.validate.call(watched(object, "", read));
  } catch (error) {
    problems.push(`${name}: ${error.message}`);
    continue;
  }
  for (const path of paths(object, "")) {
    if (!read.has(path)) problems.push(`${name}: ${path} is in no schema`);
  }
}
console.log(JSON.stringify({ objects, problems }));
