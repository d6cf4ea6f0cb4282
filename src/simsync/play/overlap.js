"use strict";
// Actions that overlap: what engine/overlap.py does. A round comes to what some order of its actions gives, and each
// actor's own keep their order. Orders that come to the same are one outcome.

function overlapOf(steps) {
  const texts = new WeakMap();

  function textOf(item) {  // items are never changed, and so each is written once
    if (!texts.has(item)) texts.set(item, steps.canonical({...item, history: [...item.history].sort()}));
    return texts.get(item);
  }

  function worldText(world) {  // the same for worlds that are the same
    return JSON.stringify([world.status, [...world.items].map(([name, item]) => [name, textOf(item)]).sort(([one], [two]) => one < two ? -1 : 1)]);
  }

  // ---- what all orders come to

  function outcomesOf(model, world, events) {  // that of the order in which it is written comes first
    const sent = sentOf(model, world, events), queues = queuesOf(events, sent), none = queues.map(() => 0);
    let front = new Map([[none.join(), [none, new Map([["", started(world, events, sent)]])]]]);
    for (const _ of sent) {
      const after = new Map();
      for (const [progress, partials] of front.values())
        queues.forEach((queue, turn) => {
          if (progress[turn] === queue.length) return;
          const further = progress.map((done, number) => done + (number === turn ? 1 : 0)), key = further.join();
          if (!after.has(key)) after.set(key, [further, new Map()]);
          for (const one of partials.values()) join(after.get(key)[1], longer(model, one, queue[progress[turn]], events));
        });
      front = after;
    }
    const [[, found]] = front.values();
    return [...found.values()].sort((one, two) => compare(one.order, two.order)).map(one => concluded(model, one, world, events));
  }

  const known = new WeakMap();

  function allOf(outcome) {  // of what one order of a round comes to: what all come to
    if (!known.has(outcome)) known.set(outcome, outcomesOf(outcome.model, outcome.before, outcome.events));
    return known.get(outcome);
  }

  const sentOf = (model, world, events) => events.map((_, position) => position).filter(position => !isUnsent(model, world, events, position));

  function started(world, events, sent) {
    const answers = events.map((_, position) => sent.includes(position) ? null : "not sent");
    return {order: [], outcomes: [], answers, after: world, notified: [], synced: [false], orders: 1};
  }

  function queuesOf(events, sent) {  // the positions of each actor's actions
    const found = new Map(events.map(event => [event.actor, []]));
    for (const position of sent) found.get(events[position].actor).push(position);
    return [...found.values()];
  }

  function longer(model, one, position, events) {
    const outcome = steps.step(model, one.after, events[position]), answers = [...one.answers];
    answers[position] = answerOf(outcome);
    return {
      order: [...one.order, position], outcomes: [...one.outcomes, outcome], answers, after: outcome.after,
      notified: [...one.notified, ...outcome.notified].sort(), synced: [...new Set(one.synced.map(before => before || outcome.synced))], orders: one.orders};
  }

  const keyOf = one => JSON.stringify([one.answers, worldText(one.after), one.notified]);

  function join(known, one) {
    const key = keyOf(one), other = known.get(key);
    if (!other) { known.set(key, one); return; }
    const first = compare(one.order, other.order) < 0 ? one : other;
    known.set(key, {...first, orders: one.orders + other.orders, synced: [...new Set([...one.synced, ...other.synced])]});
  }

  function compare(one, two) {
    const at = one.findIndex((position, number) => position !== two[number]);
    return at < 0 ? 0 : one[at] - two[at];
  }

  function concluded(model, one, before, events) {  // as an outcome of a step is, with those of its actions
    const first = what => one.outcomes.map(what).find(found => found !== null) ?? null;
    return {
      model, events, before, after: one.after, order: one.order, orders: one.orders, outcomes: one.outcomes, answers: one.answers,
      refused: first(done => done.refused), synced: one.synced.length === 1 ? one.synced[0] : null, notified: one.notified,
      hits: one.outcomes.flatMap(done => done.hits), fired: one.outcomes.flatMap(done => done.fired), defects: one.outcomes.flatMap(done => done.defects)};
  }

  function answerOf(outcome) {
    return outcome.refused !== null ? "refused" : outcome.defects.length ? "undecided" : "done";
  }

  const making = new Map();  // by the key of a model: the rows by which the product makes items

  function makers(model) {
    if (!making.has(model.key))
      making.set(model.key, [...model.itemConsequences, ...model.stepConsequences].flatMap(table => table.rows).filter(row => row.then.create).map(row => row.id));
    return making.get(model.key);
  }

  function isUnsent(model, world, events, position) {  // it is on an item that is made in this round, and has not arrived where the actor is
    const event = events[position];
    if (events.length === 1 || event.item == null || event.action === "create" || world.items.has(event.item)) return false;
    const actors = events.filter(one => one.action === "create" && one.item === event.item).map(one => one.actor);
    return !actors.includes(event.actor) && (actors.length > 0 || makers(model).some(id => event.item.startsWith(id)));
  }

  // ---- one order

  const stageOf = (events, order = events.map((_, position) => position)) => ({events, order});

  function done(model, world, {events, order}) {  // what a stage does: a step, or a round in one of its orders
    return events.length === 1 ? steps.step(model, world, events[0]) : follow(model, world, events, order);
  }

  function follow(model, world, events, order) {  // an order may leave out what is not sent, or say where it would be
    const sent = sentOf(model, world, events), wanted = [...order, ...sent.filter(position => !order.includes(position))];
    const one = wanted.filter(position => sent.includes(position)).reduce((so, position) => longer(model, so, position, events), started(world, events, sent));
    return concluded(model, one, world, events);
  }

  const isSame = (one, two) => keyOf(one) === keyOf(two);  // whether two orders of a round come to the same

  function isOrder(order, events) {  // whether each actor's own actions keep their order
    return Array.isArray(order) && new Set(order).size === order.length && order.every((position, number) =>
      Number.isInteger(position) && position in events && order.slice(0, number).every(before => before < position || events[before].actor !== events[position].actor));
  }

  // ---- a run through all orders, as scenarios are run: equal worlds are one

  const MOST_WORLDS = 500, MOST_TOGETHER = 12;

  function forksOf(model, worlds, events) {  // [{before, outcome}], and the worlds after, each once
    const after = new Map(), forks = [];
    worlds.forEach((world, before) => {
      for (const outcome of outcomesOf(model, world, events)) {
        forks.push({before, outcome});
        const text = worldText(outcome.after);
        if (!after.has(text)) after.set(text, outcome.after);
      }
    });
    return {forks, worlds: [...after.values()]};
  }

  return {outcomesOf, allOf, stageOf, done, isSame, isOrder, forksOf, MOST_WORLDS, MOST_TOGETHER};
}
