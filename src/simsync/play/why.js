"use strict";
// What would have to be different for another verdict: the fewest facts or readings, as `simsync why` has them.

function whyOf(engine, steps) {
  const {rules, partners, other, phases, CHANGES, decide, fire} = engine;
  const FARTHEST = 3, states = rules.status.states, memories = rules.memories.map(one => one.name);

  function verdictOf(outcome) {
    if (outcome.defects.length) return "undecided";
    if (outcome.refused !== null) return "refused";
    return !CHANGES.includes(outcome.event.action) ? "done" : outcome.synced ? "synced" : "not synced";
  }

  function flips(outcome) {  // the nearest: [{changes: [[fact, now, then]], becomes}]
    const {model, before: world, event} = outcome, verdict = verdictOf(outcome);
    if (verdict === "undecided") return [];
    return CHANGES.includes(event.action) ? ofItem(model, world, event, verdict) : ofStatus(model, world, event, verdict);
  }

  function nearest(axes, becomes, now) {
    for (let size = 1; size <= FARTHEST; size++) {
      const found = [];
      for (const some of combinations(axes, size))
        for (const chosen of product(some)) {
          const verdict = becomes(chosen);
          if (verdict !== null && verdict !== now) found.push({changes: chosen, becomes: verdict});
        }
      if (found.length) return found;
    }
    return [];
  }

  function* combinations(list, size, from = 0) {
    if (size === 0) { yield []; return; }
    for (let one = from; one < list.length; one++)
      for (const rest of combinations(list, size - 1, one + 1)) yield [list[one], ...rest];
  }

  function* product([first, ...rest]) {
    if (!first) { yield []; return; }
    for (const one of first) for (const more of product(rest)) yield [one, ...more];
  }

  const readingAxes = model => rules.order.readings.map(name =>
    rules.order.options[name].filter(option => option !== model.readings[name]).map(option => [name, model.readings[name], option]));
  const under = (model, changed) => engine.model({...model.readings, ...Object.fromEntries(Object.entries(changed).filter(([name]) => name in model.readings))});

  function ofStatus(model, world, event, verdict) {
    const here = states[world.status].parts, names = rules.order.states, keys = Object.keys(here);
    let statuses = [names.filter(one => one !== world.status).map(one => ["status", world.status, one])];
    if (keys.length)
      statuses = keys.map(key => [...new Set(names.map(one => states[one].parts[key]))].filter(one => one !== here[key]).map(one => [`${key}.status`, here[key], one]));
    const actors = [["actor", event.actor, other(event.actor)]];
    const becomes = chosen => {
      const changed = Object.fromEntries(chosen.map(([fact, , then]) => [fact, then])), model2 = under(model, changed);
      const parts = Object.fromEntries(keys.map(key => [key, changed[`${key}.status`] ?? here[key]]));
      const status = keys.length ? names.find(one => keys.every(key => states[one].parts[key] === parts[key])) ?? world.status : changed.status ?? world.status;
      const actor = changed.actor ?? event.actor, present = Object.fromEntries(steps.presentIn(world, actor));
      for (const [fact, , then] of chosen) if (steps.ofPresence(fact)) present[fact] = then;
      return fire(model2.transitions, status, event.action, {actor, ...model2.tested, ...present}) ? "done" : "refused";
    };
    const shown = steps.presentIn(world, event.actor).map(([fact, value]) => [[fact, value, !value]]);
    return nearest([...statuses, actors, ...shown, ...readingAxes(model)], becomes, verdict);
  }

  function ofItem(model, world, event, verdict) {
    const found = steps.target(model, world, event);
    if (!found) return [];
    const axes = [...axesOf(found.situation), ...readingAxes(model)];
    return nearest(axes, chosen => becomes(model, found.situation, chosen), verdict);
  }

  function axesOf(s) {
    const others = (fact, now, all) => all.filter(one => one !== now).map(one => [fact, now, one]);
    const axes = [others("phase", s.phase, rules.order.phases)];
    if (s.change === "create") axes.push([["actor", s.actor, other(s.actor)]]);
    else {
      axes.push(others("link", s.link, rules.order.links), others("by", s.by, ["owner", "other"]));
      if (!s.shown) axes.push([["shown", false, true]]);
      if (s.by === "owner") axes.push(others("copy", s.copied ? "present" : "absent", ["present", "absent"]));
      for (const memory of memories) axes.push([[memory, s.history.includes(memory), !s.history.includes(memory)]]);
    }
    axes.push(others("kind", s.kind, rules.order.kinds));
    engine.enumerated.forEach((name, number) => s.values[number] !== null && axes.push(others(name, s.values[number], rules.fields[name].values)));
    for (const [fact, value] of s.compared) if (steps.ofPresence(fact)) axes.push([[fact, value, !value]]);
    return axes;
  }

  function becomes(model, s, chosen) {
    const changed = Object.fromEntries(chosen.map(([fact, , then]) => [fact, then]));
    if (changed.by === "other" && "shown" in changed) return null;  // whether the other's ticket shows it is whether there is a copy
    const decision = decide(under(model, changed), altered(s, changed));
    return decision.defects.length ? null : decision.refused !== null ? "refused" : decision.synced ? "synced" : "not synced";
  }

  function altered(s, changed) {  // the situation with some facts changed, and what follows from them kept in step
    const phase = changed.phase ?? s.phase, by = changed.by ?? s.by, kind = changed.kind ?? s.kind;
    const owner = s.change === "create" ? changed.actor ?? s.actor : s.owner;
    const actor = s.change === "create" || by === "owner" ? owner : other(owner);
    const values = engine.enumerated.map((name, number) =>
      rules.kinds[kind].includes(name) ? changed[name] ?? s.values[number] ?? rules.fields[name].default : null);
    return {
      ...s, ...(s.change === "create" ? {} : onTickets(s, by, changed)), actor, by, owner, kind, values, phase, nextPhase: phase,
      link: changed.link ?? s.link, ticket: phases[phase].tickets.includes(actor),
      history: memories.filter(one => changed[one] ?? s.history.includes(one)),
      compared: s.compared.map(([fact, value]) => [fact, fact in changed ? changed[fact] : value])};
  }

  function onTickets(s, by, changed) {
    const owns = by === "owner";
    let copied = "copy" in changed ? changed.copy === "present" : s.copied;
    let original = s.by === "owner" ? Boolean(s.shown) : s.present;
    if ("shown" in changed) [copied, original] = [copied || !owns, original || owns];
    return {copied, present: original && !(owns && s.change === "delete"), shown: owns ? original : copied};
  }

  return {flips, verdictOf};
}
