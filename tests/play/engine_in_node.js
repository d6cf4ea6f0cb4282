// Does walks with the engine of the page, and tells of each step what it did: a line of JSON for each walk.
"use strict";
const fs = require("fs");
const [folder] = process.argv.slice(2);
const read = name => fs.readFileSync(`${folder}/${name}`, "utf8");
const parts = ["engine", "step", "why", "files"], names = "engineOf, stepsOf, whyOf, filesOf";
const [engineOf, stepsOf, whyOf, filesOf] = new Function(`${parts.map(one => read(`${one}.js`)).join(";")};return [${names}];`)();
const yaml = {};
new Function("exports", "module", read("js-yaml.min.js"))(yaml, {exports: yaml});
const {rules, walks} = JSON.parse(fs.readFileSync(0, "utf8"));
const engine = engineOf(rules), steps = stepsOf(engine), why = whyOf(engine, steps), files = filesOf(engine, steps, yaml);

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
  const model = engine.model(walk.readings), outcomes = [];
  let world = steps.worldAt(walk.status);
  for (const event of walk.events) {
    outcomes.push(steps.step(model, world, event));
    world = outcomes.at(-1).after;
  }
  const answers = {steps: outcomes.map(told)};
  if (walk.explained) answers.flips = outcomes.slice(-walk.explained).map(one => ({verdict: why.verdictOf(one), flips: why.flips(one)}));
  if (walk.saved) {
    const text = files.asText(files.document("A walk", walk.status, walk.readings, outcomes)), [back] = files.read(text);
    const link = files.fragment(walk.status, walk.readings, walk.events), {at, ...opened} = files.fromFragment(link);
    answers.saved = {text, read: [back.status, back.readings, back.events], opened: [opened.status, opened.readings, opened.events], link};
  }
  console.log(JSON.stringify(answers));
}
