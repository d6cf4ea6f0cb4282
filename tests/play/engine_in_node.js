// Does walks with the engine of the page, and tells of each step what it did: a line of JSON for each walk.
"use strict";
const fs = require("fs");
const [folder] = process.argv.slice(2);
const read = name => fs.readFileSync(`${folder}/${name}`, "utf8");
const parts = ["engine", "step", "overlap", "why", "files"], names = "engineOf, stepsOf, overlapOf, whyOf, filesOf";
const [engineOf, stepsOf, overlapOf, whyOf, filesOf] = new Function(`${parts.map(one => read(`${one}.js`)).join(";")};return [${names}];`)();
const yaml = {};
new Function("exports", "module", read("js-yaml.min.js"))(yaml, {exports: yaml});
const {rules, walks} = JSON.parse(fs.readFileSync(0, "utf8"));
const engine = engineOf(rules), steps = stepsOf(engine), overlap = overlapOf(steps);
const why = whyOf(engine, steps), files = filesOf(engine, steps, overlap, yaml);

function itemsOf(world) {
  const items = {};
  for (const [name, item] of world.items) {
    const views = Object.fromEntries(engine.partners.map(one => [one, steps.shown(item, one)]));
    items[name] = {link: item.link, history: [...item.history].sort(), last: item.last, agreed: item.agreed, present: item.present, original: item.original, views};
  }
  return items;
}

function told(outcome) {
  const items = itemsOf(outcome.after);
  return {
    refused: outcome.refused, synced: outcome.synced, notified: outcome.notified, status: outcome.after.status,
    rules: steps.rulesOf(outcome), sources: steps.sourcesOf(outcome), hits: outcome.hits.map(hit => [hit.table, hit.row.id, hit.actual]),
    fired: outcome.fired.map(one => [one.transition.id, one.source, one.dest, one.item]), items, order: [...outcome.after.items.keys()],
    defects: outcome.defects.map(one => [one.kind, one.tables, one.rows, one.broken ?? null]),
    reached: steps.reached(outcome), undone: steps.isUndone(outcome), readings: steps.readingsBehind(outcome), rowOf: outcome.rowOf,
  };
}

const toldRound = ({answers, order, orders, refused, synced, notified, outcomes, after}) =>
  ({answers, order, orders, refused, synced, notified, status: after.status, items: itemsOf(after), steps: outcomes.map(told)});

function roundsOf(model, {status, stages}) {  // what all orders of each come to, and what the order that is taken comes to
  let world = steps.worldAt(status);
  return stages.map(stage => {
    const all = overlap.outcomesOf(model, world, stage.events), taken = overlap.done(model, world, stage);
    const same = stage.events.length === 1 ? [0] : all.flatMap((one, number) => overlap.isSame(one, taken) ? [number] : []);
    world = taken.after;
    return {outcomes: all.map(toldRound), taken: same};
  });
}

for (const walk of walks) {
  const model = engine.model(walk.readings), outcomes = [];
  if (walk.stages) {
    const {made, doubts} = files.document("A walk", walk.status, walk.readings, model, walk.stages), text = files.asText(made), [back] = files.read(text);
    const link = files.fragment(walk.status, walk.readings, walk.stages), opened = files.fromFragment(link);
    console.log(JSON.stringify({rounds: roundsOf(model, walk), saved: {text, doubts, read: [back.status, back.readings, back.stages], opened: [opened.status, opened.readings, opened.stages], link}}));
    continue;
  }
  let world = steps.worldAt(walk.status);
  for (const event of walk.events) {
    outcomes.push(steps.step(model, world, event));
    world = outcomes.at(-1).after;
  }
  const answers = {steps: outcomes.map(told)};
  if (walk.explained) answers.flips = outcomes.slice(-walk.explained).map(one => ({verdict: why.verdictOf(one), flips: why.flips(one)}));
  if (walk.saved) {
    const stages = walk.events.map(event => overlap.stageOf([event])), plain = all => all.flatMap(one => one.events);
    const text = files.asText(files.document("A walk", walk.status, walk.readings, model, stages).made), [back] = files.read(text);
    const link = files.fragment(walk.status, walk.readings, stages), opened = files.fromFragment(link);
    answers.saved = {text, read: [back.status, back.readings, plain(back.stages)], opened: [opened.status, opened.readings, plain(opened.stages)], link};
  }
  console.log(JSON.stringify(answers));
}
