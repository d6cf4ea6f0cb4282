"use strict";
// What was done, as a tree: nothing is lost by going back. Each place knows what it comes to under any readings.
// A stage is what was done at a place: one event, or the events of a round and the order in which they are taken.
// What changes how a place is seen (a reading, an order) is remembered beside it, so that it can be taken back.

function historyOf(engine, steps, overlap, begin) {
  const {rules} = engine;
  let root = rooted(begin), current = root, readings = {}, given = {}, changes = [], undone = [];  // a change: {what, from, to, back, again}

  function rooted(status) {
    return place(status, null, null);
  }

  function place(status, stage, parent) {
    return {status, stage, parent, children: [], last: null, depth: parent ? parent.depth + 1 : 0, outcomes: new Map(), parted: new Map(), trails: new Map(), told: new Map(), behind: new Map(), unsettled: new Map()};
  }

  function start(status, stages = [], chosen = {}) {
    [root, given, readings, changes, undone] = [rooted(status), {...chosen}, {...chosen}, [], []];
    current = root;
    stages.forEach(act);
  }

  function act(stage) {
    current = below(current, stage);
    undone = [];
  }

  function read(chosen) {
    const before = readings;
    readings = chosen;
    changed({what: "reading", from: current, to: current, back: () => { readings = before; }, again: () => { readings = chosen; }});
  }

  function changed(one) {
    changes.push(one);
    undone = [];
  }

  // ---- the last thing done is taken back, or done again: what it was, null where there is nothing

  const isBehind = () => changes.at(-1)?.to === current, isAhead = () => undone.at(-1)?.from === current;

  function undo() {
    if (!isBehind()) return current.parent && moved(current.parent);
    const last = changes.pop();
    undone.push(last);
    last.back();
    return last.what;
  }

  function redo() {
    if (!isAhead()) return current.last && moved(current.last);
    const last = undone.pop();
    changes.push(last);
    last.again();
    return last.what;
  }

  function moved(node) {
    goTo(node);
    return "step";
  }

  function below(parent, stage) {  // the place at which a stage is done
    const same = parent.children.find(one => JSON.stringify(one.stage) === JSON.stringify(stage));
    const node = same ?? place(null, stage, parent);
    if (!same) parent.children.push(node);
    parent.last = node;
    return node;
  }

  function takeOrder(order) {  // go on from what another order comes to: what was done after the round is done there too
    const later = [], from = current;
    for (let one = current.last; one; one = one.last) later.push(one.stage);
    current = below(current.parent, {...current.stage, order});
    if (!current.last) later.reduce(below, current);
    const to = current;
    if (to !== from) changed({what: "order", from, to, back: () => goTo(from), again: () => goTo(to)});
  }

  function goTo(node) {  // and remember the way to it
    current = node;
    for (let one = node; one.parent; one = one.parent) one.parent.last = one;
  }

  function path(node = current) {
    const found = [];
    for (let one = node; one.parent; one = one.parent) found.push(one);
    return found.reverse();
  }

  function line() {  // the path to here, and where redoing leads
    const found = path();
    for (let one = current.last; one; one = one.last) found.push(one);
    return found;
  }

  function outcomeAt(node, model) {  // worked out from the nearest place that knows it
    if (node.outcomes.has(model.key)) return node.outcomes.get(model.key);
    const missing = [];
    for (let one = node; one.parent && !one.outcomes.has(model.key); one = one.parent) missing.push(one);
    for (const one of missing.reverse()) one.outcomes.set(model.key, overlap.done(model, worldAt(one.parent, model), one.stage));
    return node.outcomes.get(model.key);
  }

  const worldAt = (node, model) => node.parent ? outcomeAt(node, model).after : steps.worldAt(node.status);

  function trail(node, model) {  // the statuses and links that a history came through, and the arrows that it took
    const missing = [];
    for (let one = node; !one.trails.has(model.key); one = one.parent) {
      missing.push(one);
      if (!one.parent) break;
    }
    for (const one of missing.reverse()) {
      const before = one.parent?.trails.get(model.key), found = {statuses: new Set(before?.statuses ?? [one.status]), links: new Set(before?.links), taken: new Map(before?.taken)};
      for (const move of one.parent ? outcomeAt(one, model).fired : []) {
        (move.item === null ? found.statuses : found.links).add(move.source).add(move.dest);
        found.taken.set(`${move.item === null}|${move.transition.id}|${move.source}`, move);
      }
      for (const item of worldAt(one, model).items.values()) found.links.add(item.link);
      one.trails.set(model.key, found);
    }
    return node.trails.get(model.key);
  }

  function told(node, model) {  // how often each was told, up to a place
    const missing = [];
    for (let one = node; one.parent && !one.told.has(model.key); one = one.parent) missing.push(one);
    for (const one of missing.reverse()) {
      const notified = outcomeAt(one, model).notified, before = one.parent.told.get(model.key) ?? new Map(), counts = notified.length ? new Map(before) : before;
      for (const who of notified) counts.set(who, (counts.get(who) ?? 0) + 1);
      one.told.set(model.key, counts);
    }
    return node.told.get(model.key) ?? new Map();
  }

  const behind = () => gathered("behind", steps.readingsBehind);  // the readings on which a step up to here depends, seen or not
  const unsettled = () => gathered("unsettled", steps.openGaps);  // the gaps that no reading covers, on which one rests

  function gathered(what, namesOf, node = current, model = engine.model(readings)) {  // names that outcomes up to a place have to do with, each with the last such place
    const missing = [];
    for (let one = node; one.parent && !one[what].has(model.key); one = one.parent) missing.push(one);
    for (const one of missing.reverse()) {
      const outcome = outcomeAt(one, model), names = (outcome.outcomes ?? [outcome]).flatMap(namesOf), before = one.parent[what].get(model.key) ?? new Map();
      one[what].set(model.key, names.length ? new Map([...before, ...names.map(name => [name, one])]) : before);
    }
    return node[what].get(model.key) ?? new Map();
  }

  function allowing(event, node = current, model = engine.model(readings)) {  // the readings by another option of which alone an action were not refused after a node
    return rules.order.readings.flatMap(name => rules.order.options[name].filter(option => option !== model.readings[name]).flatMap(option => {
      const other = engine.model({...readings, [name]: option}), outcome = steps.step(other, worldAt(node, other), event);
      return outcome.refused === null && !outcome.defects.length ? [{name, option, outcome}] : [];
    }));
  }

  function apart(node) {  // what a step shows otherwise than as things were read at the start
    const [now, begun] = [engine.model(readings), engine.model(given)];
    return now === begun || !node.parent ? [] : differences(outcomeAt(node, begun), outcomeAt(node, now));
  }

  // ---- what anybody can see, and where it is otherwise under other readings

  const seen = (world, name, partner) => world.items.has(name) ? steps.shown(world.items.get(name), partner) : null;
  const answersOf = outcome => outcome.answers ?? [outcome.refused === null ? "done" : "refused"];
  const alike = (one, two) => JSON.stringify(one) === JSON.stringify(two);

  function differences(one, two, since = false) {  // what people could see, that two outcomes of the same actions show otherwise; or only of what they changed
    const found = [], [mine, theirs] = [answersOf(one), answersOf(two)], moved = !since || one.before.status !== one.after.status || two.before.status !== two.after.status;
    if (!alike(mine, theirs)) found.push({what: "answers", one: mine, two: theirs, events: one.events ?? [one.event]});
    if (moved && one.after.status !== two.after.status) found.push({what: "status", one: one.after.status, two: two.after.status});
    if (!alike([...one.notified].sort(), [...two.notified].sort())) found.push({what: "notified", one: one.notified, two: two.notified});
    if (one.after === two.after) return found;
    const names = [one, two].flatMap(({before, after}) => [...after.items.keys()].filter(name => !since || after.items.get(name) !== before.items.get(name)));
    for (const partner of engine.partners)
      for (const name of new Set(names)) {
        const [mine, other] = [one, two].map(outcome => seen(outcome.after, name, partner));
        if (alike(mine, other) || (since && alike(mine, seen(one.before, name, partner)) && alike(other, seen(two.before, name, partner)))) continue;
        found.push({what: "ticket", partner, item: name, one: mine, two: other});
      }
    return found;
  }

  function partings(node, model, other) {  // the places up to a node at which another model shows something else, the last first: {at, found, number, before}
    const key = `${model.key}|${other.key}`, missing = [];
    for (let one = node; one.parent && !one.parted.has(key); one = one.parent) missing.push(one);
    for (const one of missing.reverse()) {
      const before = one.parent.parted.get(key) ?? null, found = differences(outcomeAt(one, model), outcomeAt(one, other), true);
      one.parted.set(key, found.length ? {at: one, found, number: (before?.number ?? 0) + 1, before} : before);
    }
    return node.parted.get(key) ?? null;
  }

  function mattering(node = current) {  // the readings of which another option alone shows something else somewhere, with all places where
    const model = engine.model(readings), found = [];
    for (const name of rules.order.readings)
      for (const option of rules.order.options[name])
        if (option !== model.readings[name]) {
          const last = partings(node, model, engine.model({...readings, [name]: option}));
          if (last) found.push({name, option, last});
        }
    return found;
  }

  return {
    start, act, read, undo, redo, takeOrder, goTo, path, line, outcomeAt, worldAt, trail, told, behind, unsettled, allowing, apart, differences, mattering,
    get root() { return root; }, get current() { return current; },
    get canUndo() { return isBehind() || current.parent !== null; }, get canRedo() { return isAhead() || current.last !== null; },
    get readings() { return readings; }, get given() { return given; },
    get model() { return engine.model(readings); }, get baseline() { return engine.model(given); },
    get world() { return worldAt(current, engine.model(readings)); },
  };
}
