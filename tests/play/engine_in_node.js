// Does walks with the engine of the page, and tells of each step what it did: a line of JSON for each walk.
"use strict";
const fs = require("fs");
const [folder] = process.argv.slice(2);
const read = name => fs.readFileSync(`${folder}/${name}`, "utf8");
const [engineOf, stepsOf] = new Function(`${read("engine.js")};${read("step.js")};return [engineOf, stepsOf];`)();
const {rules, walks} = JSON.parse(fs.readFileSync(0, "utf8"));
const engine = engineOf(rules), steps = stepsOf(engine);

function told(outcome) {
  const items = {};
  for (const [name, item] of outcome.after.items) {
    const views = Object.fromEntries(engine.partners.map(one => [one, steps.shown(item, one)]));
    items[name] = {link: item.link, history: [...item.history].sort(), last: item.last, agreed: item.agreed, present: item.present, original: item.original, views};
  }
  return {
    refused: outcome.refused, synced: outcome.synced, notified: outcome.notified, status: outcome.after.status,
    rules: steps.rulesOf(outcome), sources: steps.sourcesOf(outcome), hits: outcome.hits.map(hit => [hit.table, hit.row.id, hit.actual]),
    fired: outcome.fired.map(one => [one.transition.id, one.source, one.dest, one.item]), items, order: [...outcome.after.items.keys()],
    defects: outcome.defects.map(one => [one.kind, one.tables, one.rows, one.broken ?? null]),
    reached: steps.reached(outcome), undone: steps.isUndone(outcome), readings: steps.readingsBehind(outcome), rowOf: outcome.rowOf,
  };
}

for (const walk of walks) {
  const model = engine.model(walk.readings);
  let world = steps.worldAt(walk.status);
  console.log(JSON.stringify(walk.events.map(event => {
    const outcome = steps.step(model, world, event);
    world = outcome.after;
    return told(outcome);
  })));
}
