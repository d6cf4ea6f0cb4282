"use strict";
// What was done, as a tree: nothing is lost by going back. Each place knows what it comes to under any readings.

function historyOf(engine, steps, begin) {
  const {rules} = engine;
  let root = rooted(begin), current = root, readings = {}, given = {};

  function rooted(status) {
    return place(status, null, null);
  }

  function place(status, event, parent) {
    return {status, event, parent, children: [], last: null, depth: parent ? parent.depth + 1 : 0, outcomes: new Map(), parted: new Map(), trails: new Map()};
  }

  function start(status, events = [], chosen = {}) {
    [root, given, readings] = [rooted(status), {...chosen}, {...chosen}];
    current = root;
    events.forEach(act);
  }

  function act(event) {
    const same = current.children.find(one => JSON.stringify(one.event) === JSON.stringify(event));
    const node = same ?? place(null, event, current);
    if (!same) current.children.push(node);
    current.last = node;
    current = node;
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
    const missing = [];
    for (let one = node; one.parent && !one.outcomes.has(model.key); one = one.parent) missing.push(one);
    for (const one of missing.reverse()) one.outcomes.set(model.key, steps.step(model, worldAt(one.parent, model), one.event));
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

  // ---- what anybody can see, and where it is otherwise under other readings

  function differences(one, two, since = false) {  // what people could see, that two outcomes of the same action show otherwise; or only of what it changed
    const found = [], shown = (world, name, partner) => world.items.has(name) ? steps.shown(world.items.get(name), partner) : null;
    if ((one.refused === null) !== (two.refused === null)) found.push({what: "refused", one: one.refused, two: two.refused});
    if (one.after.status !== two.after.status) found.push({what: "status", one: one.after.status, two: two.after.status});
    if ([...one.notified].sort().join() !== [...two.notified].sort().join()) found.push({what: "notified", one: one.notified, two: two.notified});
    if (one.after === two.after) return found;
    const names = [one, two].flatMap(({before, after}) => [...after.items.keys()].filter(name => !since || after.items.get(name) !== before.items.get(name)));
    for (const partner of engine.partners)
      for (const name of new Set(names)) {
        const [mine, other] = [one, two].map(outcome => shown(outcome.after, name, partner));
        if (JSON.stringify(mine) !== JSON.stringify(other)) found.push({what: "ticket", partner, item: name, one: mine, two: other});
      }
    return found;
  }

  function partsAt(node, model, other) {  // the first place up to a node at which another model shows something else
    const key = `${model.key}|${other.key}`, missing = [];
    for (let one = node; one.parent && !one.parted.has(key); one = one.parent) missing.push(one);
    for (const one of missing.reverse()) {
      const before = one.parent.parent ? one.parent.parted.get(key) : null;
      one.parted.set(key, before ?? (differences(outcomeAt(one, model), outcomeAt(one, other), true).length ? one : null));
    }
    return node.parent ? node.parted.get(key) : null;
  }

  function mattering(node = current) {  // the readings of which another option alone shows something else by now
    const model = engine.model(readings), found = [];
    for (const name of rules.order.readings)
      for (const option of rules.order.options[name])
        if (option !== model.readings[name]) {
          const at = partsAt(node, model, engine.model({...readings, [name]: option}));
          if (at) found.push({name, option, at});
        }
    return found;
  }

  return {
    start, act, goTo, path, line, outcomeAt, worldAt, trail, differences, mattering,
    get root() { return root; }, get current() { return current; },
    get readings() { return readings; }, set readings(chosen) { readings = chosen; }, get given() { return given; },
    get model() { return engine.model(readings); }, get baseline() { return engine.model(given); },
    get world() { return worldAt(current, engine.model(readings)); },
  };
}
