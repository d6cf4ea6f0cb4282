// Runs a statechart of another tool through walks: node walk.mjs scxml|xstate FILE < WALKS > CONFIGURATIONS
// A walk is a list of [event, data]; told of it is where the machine is in the end.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [form, name] = process.argv.slice(2);
const file = resolve(name);
const walks = JSON.parse(readFileSync(0, "utf8"));

async function scxml() {
  const scion = createRequire(import.meta.url)("@scion-scxml/scxml");
  const model = await new Promise((done, failed) =>
    scion.pathToModel(file, (error, found) => (error ? failed(error) : done(found))));
  const prepared = await new Promise((done, failed) =>
    model.prepare((error, found) => (error ? failed(error) : done(found))));
  return (walk) => {
    const chart = new scion.core.Statechart(prepared);
    chart.start();
    for (const [name, data] of walk) chart.gen({ name, data });
    return chart.getConfiguration().slice().sort();
  };
}

async function xstate() {
  const { getInitialSnapshot, transition } = await import("xstate");
  const { machine } = await import(pathToFileURL(file));
  return (walk) => {
    let snapshot = getInitialSnapshot(machine);
    for (const [type, data] of walk) [snapshot] = transition(machine, snapshot, { type, ...data });
    return snapshot.value;
  };
}

const run = await (form === "scxml" ? scxml() : xstate());
process.stdout.write(JSON.stringify(walks.map(run)));
