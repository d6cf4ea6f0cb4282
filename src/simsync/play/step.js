"use strict";
// One step, with all that it brings about; why something is refused; and which readings an outcome depends on.

function stepsOf(engine) {
  const {rules, partners, other, phases, CHANGES, NONE, NEXT, fire, decide, decideCreated, announce, situationOf, alike, actedCopy, carried, comparedValues, same, machineFacts} = engine;
  const states = rules.status.states, words = rules.words;
  const phaseOf = status => states[status].phase;
  const changeOf = event => CHANGES.includes(event.action) ? event.action : NONE;
  const entryOn = (item, partner) => item.owner === partner ? (item.present ? item.original : null) : item.copy;

  function shown(item, partner) {
    const entry = entryOn(item, partner);
    if (entry === null) return null;
    const view = {kind: entry.kind};
    for (const show of rules.shows)
      if (show.field in entry.fields && (show.ticket === null || show.ticket === partner))
        view[show.name] = show.negated ? !entry.fields[show.field] : entry.fields[show.field];
    return view;
  }

  function presentIn(world, actor) {  // whether tickets show any item of a kind, as far as that is tested
    if (!rules.present.length) return [];
    const sides = Object.fromEntries(partners.map(one => [one, one]));
    if (partners.includes(actor)) Object.assign(sides, {here: actor, there: other(actor)});
    return rules.present.map(fact => {
      const dot = fact.indexOf("."), partner = sides[fact.slice(0, dot)], kind = fact.slice(dot + 1 + "any ".length);
      return [fact, partner === undefined ? null : [...world.items.values()].some(item => entryOn(item, partner)?.kind === kind)];
    });
  }

  const moveOf = (model, world, event) =>
    fire(model.transitions, world.status, event.action, {actor: event.actor, ...model.tested, ...Object.fromEntries(presentIn(world, event.actor))});

  // ---- the step

  const worldAt = status => ({status, items: new Map()});
  const undone = (model, world, event, more) => ({
    model, event, before: world, after: world, refused: null, synced: false, notified: [], hits: [], fired: [], moved: null, rowOf: {}, defects: [], ...more});
  const firedOf = (decision, name) => decision.fired ? [{...decision.fired, item: name}] : [];

  function step(model, world, event) {
    return event.item == null ? changeStatus(model, world, event) : changeItem(model, world, event);
  }

  function changeItem(model, world, event) {
    const found = target(model, world, event);
    if (!found) return undone(model, world, event, {refused: refusedChange(model, world, event, null, `the ${words.item.one} was never created`)});
    const {item, situation} = found, phase = situation.phase, decision = decide(model, situation);
    if (decision.refused !== null)
      return undone(model, world, event, {refused: refusedChange(model, world, event, situation, decision.refused), hits: decision.hits});
    const told = announce(model, event.actor, event.action, phase, phase, decision.synced, presentIn(world, event.actor));
    if (decision.defects.length || told.defects.length)
      return undone(model, world, event, {hits: decision.hits, defects: [...decision.defects, ...told.defects]});
    const items = new Map(world.items);
    items.set(item.name, apply(model, item, world.items.get(item.name) ?? null, event, decision));
    const done = undone(model, world, event, {
      after: {status: world.status, items}, synced: decision.synced, notified: [...told.notified, ...decision.notified],
      hits: [...decision.hits, ...told.hits], fired: firedOf(decision, item.name)});
    return withConsequences(done, new Map([[item.name, decision]]));
  }

  function target(model, world, event) {  // the item, its owner's change made already, and its situation
    const item = changed(world, event);
    if (!item) return null;
    const phase = phaseOf(world.status), before = world.items.get(event.item);
    const showed = before !== undefined && entryOn(before, event.actor) !== null;
    return {item, situation: situationOf(model, item, event, phase, phase, presentIn(world, event.actor), showed)};
  }

  function changeStatus(model, world, event) {
    const moved = moveOf(model, world, event);
    if (!moved) return undone(model, world, event, {refused: refusedStatusAction(model, world, event)});
    const followers = (moved.transition.followers ?? []).length > 0;
    const passed = passOn(model, world, event, moved.dest, {followers});
    if (passed.defects.length) return undone(model, world, event, {hits: passed.hits, defects: passed.defects});
    const rowOf = {};
    for (const [name, one] of passed.decisions) if (one.hits.length) rowOf[name] = one.hits[0].row.id;
    const done = undone(model, world, event, {
      after: {status: moved.dest, items: passed.items}, synced: passed.synced || followers, notified: passed.notified,
      hits: [...passed.hits, ...followed(moved)], fired: [moved, ...passed.fired], moved, rowOf});
    return withConsequences(done, passed.decisions);
  }

  const followed = moved => (moved.transition.followed ?? []).map(([table, id, sources]) => ({table, row: {id, when: [], then: {}, sources}, actual: []}));

  function passOn(model, world, event, status, {but = null, followers = false} = {}) {
    const phase = phaseOf(world.status), nextPhase = phaseOf(status), present = presentIn(world, event.actor), told = [];
    const passed = {items: new Map(world.items), decisions: new Map(), hits: [], fired: [], notified: [], defects: [], synced: false};
    for (const [name, item] of world.items) {
      if (name === but) continue;
      const decision = decide(model, situationOf(model, item, event, phase, nextPhase, present));
      passed.decisions.set(name, decision);
      passed.items.set(name, withoutGone(apply(model, item, item, event, decision), nextPhase));
      passed.synced ||= decision.synced;
      passed.hits.push(...decision.hits);
      passed.fired.push(...firedOf(decision, name));
      told.push(...decision.notified);
      passed.defects.push(...decision.defects);
    }
    const announced = announce(model, event.actor, NONE, phase, nextPhase, passed.synced || followers, present);
    passed.notified.push(...announced.notified, ...told);
    passed.hits.push(...announced.hits);
    passed.defects.push(...announced.defects);
    return passed;
  }

  function withoutGone(item, phase) {
    const gone = phases[phase].gone;
    if (!gone.length) return item;
    return {...item, present: item.present && !gone.includes(item.owner), copy: gone.includes(other(item.owner)) ? null : item.copy};
  }

  // ---- what a step brings about: first the status moves, then items are decided, then items are made

  function withConsequences(done, decisions) {
    const {model, event} = done;
    if (!model.itemConsequences.length && !model.stepConsequences.length) return done;
    const before = phaseOf(done.before.status), after = phaseOf(done.after.status), found = [], defects = [];
    const ofTheStep = {actor: event.actor, change: changeOf(event), phase: before, "next phase": after, synced: done.synced, ...machineFacts(event.actor, before, after), ...Object.fromEntries(presentIn(done.before, event.actor))};
    const about = [...[...decisions].map(([name, decision]) => [name, decision.facts, model.itemConsequences]), [null, ofTheStep, model.stepConsequences]];
    for (const [name, facts, tables] of about) {
      const inquiry = engine.inquiryOf({...facts, ...model.tested});
      for (const table of tables) if (engine.applies(table, inquiry.facts)) engine.ask(inquiry, table);
      found.push(...inquiry.hits.map(hit => ({hit, about: name})));
      defects.push(...inquiry.defects);
    }
    let outcome = {...done, hits: [...done.hits, ...found.map(one => one.hit)], defects};
    for (const bringAbout of [move, decideAgain, create]) outcome = found.reduce(bringAbout, outcome);
    return outcome.defects.length ? {...outcome, after: outcome.before, synced: false, notified: []} : outcome;
  }

  function way(model, world, actor, whose, state) {
    const status = world.status, known = {...model.tested, ...Object.fromEntries(presentIn(world, actor))};
    const found = rules.status.ways.length
      ? rules.status.ways.find(([at, who, machine, dest]) => at === status && who === actor && machine === whose && dest === state)?.[4] ?? []
      : model.transitions.filter(t => t.source.includes(status) && t.dest === state && state !== status);
    const transition = found.find(t => engine.allows(t.when, known));
    return transition ? {transition, source: status, dest: transition.dest, item: null} : null;
  }

  function move(outcome, cause) {
    for (const [whose, state] of cause.hit.row.then.move ?? []) {
      const world = outcome.after, actor = outcome.event.actor, fired = way(outcome.model, world, actor, whose, state);
      if (!fired) continue;
      const followers = (fired.transition.followers ?? []).length > 0;
      const passed = passOn(outcome.model, world, {actor, action: fired.transition.trigger, item: null, fields: {}}, fired.dest, {followers});
      passed.synced ||= followers;
      passed.hits.push(...followed(fired));
      passed.fired.unshift(fired);
      outcome = joined(outcome, {status: fired.dest, items: passed.items}, passed);
    }
    return outcome;
  }

  function decideAgain(outcome, cause) {
    if (!cause.hit.row.then.again) return outcome;
    const world = outcome.after, event = {actor: outcome.event.actor, action: NONE, item: null, fields: {}};
    const passed = passOn(outcome.model, world, event, world.status, {but: outcome.event.item});
    return joined(outcome, {status: world.status, items: passed.items}, passed);
  }

  const joined = (outcome, after, passed) => ({
    ...outcome, after, synced: outcome.synced || passed.synced, notified: [...outcome.notified, ...passed.notified],
    hits: [...outcome.hits, ...passed.hits], fired: [...outcome.fired, ...passed.fired], defects: [...outcome.defects, ...passed.defects]});

  function create(outcome, cause) {
    const made = cause.hit.row.then.create, world = outcome.after;
    if (!made) return outcome;
    const name = nameOf(cause, world.items), phase = phaseOf(world.status);
    const event = {actor: made.owner, action: "create", item: name, kind: made.kind, fields: made.fields};
    const item = changed(world, event);
    const decision = decideCreated(outcome.model, situationOf(outcome.model, item, event, phase, phase, presentIn(world, made.owner), false), cause.hit);
    const items = new Map(world.items);
    items.set(name, apply(outcome.model, item, null, event, decision));
    return {
      ...outcome, after: {status: world.status, items}, synced: outcome.synced || decision.synced,
      notified: [...outcome.notified, ...decision.notified], hits: [...outcome.hits, ...decision.hits.slice(1)],
      fired: [...outcome.fired, ...firedOf(decision, name)], defects: [...outcome.defects, ...decision.defects]};
  }

  function nameOf(cause, taken) {
    const name = cause.about === null ? cause.hit.row.id : `${cause.hit.row.id}-of-${cause.about}`;
    for (let number = 1; ; number++) {
      const one = number === 1 ? name : `${name}-${number}`;
      if (!taken.has(one)) return one;
    }
  }

  // ---- an item changed, and what the decision makes of it

  function changed(world, event) {
    if (event.action === "create") {
      const values = {};
      for (const name of rules.kinds[event.kind]) values[name] = event.fields[name] ?? rules.fields[name].default;
      return {name: event.item, owner: event.actor, original: {kind: event.kind, fields: values}, present: true, copy: null, link: rules.link.initial, history: [], agreed: null, last: null};
    }
    const item = world.items.get(event.item);
    if (!item || item.owner !== event.actor || !item.present) return item ?? null;
    if (event.action === "edit") return {...item, original: {kind: item.original.kind, fields: {...item.original.fields, ...event.fields}}};
    return {...item, present: false};
  }

  function apply(model, item, before, event, decision) {
    const effect = decision.then.effect ?? NONE;
    let {original, present} = item, copy = actedCopy(item, event);
    if (effect === "deliver") copy = delivered(model.fields, item.owner, original, copy, decision.copy);
    else if (effect === "remove") copy = null;
    else if (effect === "take" && copy !== null) [original, present] = [taken(model.fields, other(item.owner), original, copy), true];
    else if (effect === "remove original") present = false;
    else if (effect === "revert" && before) ({original, present, copy} = before);
    else if (effect === "revert") present = false;  // what is created and reverted is gone
    const after = {name: item.name, owner: item.owner, original, present, copy, link: decision.link, history: decision.history, agreed: null, last: null};
    return rules.tracks ? tracked(model.fields, item, before, event, effect, after) : after;
  }

  function delivered(fields, by, original, copy, form) {
    const kind = copy ? copy.kind : form?.kind ?? original.kind, known = {}, given = Object.fromEntries(form?.fields ?? []);
    for (const name of rules.kinds[kind]) {
      const there = copy ? copy.fields[name] : null;
      const value = name in original.fields ? carried(fields, name, by, original.fields[name], there) : null;
      known[name] = value ?? there ?? given[name] ?? fields[name].default;
    }
    return {kind, fields: known};
  }

  function taken(fields, by, original, copy) {
    const told = {};
    for (const [name, there] of Object.entries(original.fields))
      if (name in copy.fields) told[name] = carried(fields, name, by, copy.fields[name], there) ?? there;
    return {kind: original.kind, fields: {...original.fields, ...told}};
  }

  function tracked(fields, item, before, event, effect, after) {
    const agreed = agreedAfter(fields, effect, item, after.original, after.copy);
    if (agreed) return {...after, agreed, last: null};
    return {...after, agreed: item.agreed, last: effect === "revert" ? item.last : changedLast(fields, item, before, event)};
  }

  function agreedAfter(fields, effect, item, original, copy) {
    if (copy === null) return null;
    const agree = effect === "agree" && item.present && alike(fields, item, original, copy);
    if (!agree && effect !== "deliver" && effect !== "take") return null;
    const said = comparedValues(fields, original), answered = comparedValues(fields, copy);
    return [said, Object.fromEntries(Object.entries(answered).filter(([name]) => name in said))];
  }

  function changedLast(fields, item, before, event) {
    if (event.item !== item.name) return item.last;
    const told = entry => entry && {kind: "", fields: comparedValues(fields, entry)};
    if (event.actor === item.owner) {
      const was = told(before?.present ? before.original : null);
      return same(was, told(item.present ? item.original : null)) ? item.last : "owner";
    }
    return same(told(actedCopy(item, event)), told(item.copy)) ? item.last : "other";
  }

  function isRefused(model, world, event) {  // without doing it, and without saying why
    if (event.item == null) return moveOf(model, world, event) === null;
    const found = target(model, world, event);
    return !found || decide(model, found.situation).refused !== null;
  }

  // ---- why something is refused, and what would have been allowed instead

  const printable = text => !/[\p{C}\p{Zl}\p{Zp}]/u.test(text) && !/[^\S ]/u.test(text);
  const plain = text => text !== "" && text === text.trim() && !text.includes("  ") && printable(text);

  function quoted(text) {
    const most = 300, characters = [...text], short = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}, pieces = [];
    for (const one of characters.slice(0, most).reverse()) {
      const hex = one.codePointAt(0).toString(16);
      if (!printable(one)) pieces.push(short[one] ?? (hex.length > 4 ? "\\U" + hex.padStart(8, "0") : "\\u" + hex.padStart(4, "0")));
      else pieces.push(one === "\\" && pieces.length && "\\uUntr".includes(pieces.at(-1)[0]) ? "\\\\" : one);
    }
    const said = pieces.reverse().join("");
    return characters.length > most ? `"${said}..." (${characters.length.toLocaleString("en")} characters)` : `"${said}"`;
  }

  const listed = values => [...values].map(value => typeof value === "boolean" ? String(value) : plain(value) && !value.includes(",") ? value : quoted(value)).join(", ");

  function refusedStatusAction(model, world, event) {
    const key = JSON.stringify([world.status, event.actor, event.action]);
    if (!model.refusals.has(key)) model.refusals.set(key, whyNoAction(model, world.status, event.actor, event.action));
    return model.refusals.get(key);
  }

  function whyNoAction(model, status, actor, action) {
    const own = model.machines.flatMap(one => one.transitions).filter(t => t.trigger === action);
    const whom = () => new Set(own.flatMap(t => t.actors).map(who => partners.includes(who) ? `the ${who} ${words.partner.one}` : who));
    const wanting = model.transitions.filter(t => t.trigger === action && t.source.includes(status) && t.actors.includes(actor));
    const why = !own.length ? `under these readings nobody can '${action}'`
      : own.every(t => !t.actors.includes(actor)) ? `'${action}' is for ${listed(whom())}`
      : wanting.length ? `'${action}' is possible in ${status} with ${[...new Set(wanting.map(needs))].join(" or ")} only`
      : `'${action}' is possible in ${listed(new Set(own.flatMap(t => t.source)))} only`;
    const moves = new Set(model.transitions.filter(t => t.source.includes(status)).flatMap(t => t.actors.map(who => `${who}: ${t.trigger}`)));
    return `${why}; the ${words.status.one} is ${status}, ${moves.size ? `where these are possible: ${listed(moves)}` : "which nothing leaves"}`;
  }

  const ofPresence = fact => fact.slice(fact.indexOf(".") + 1).startsWith("any ") && fact.includes(".");
  const needs = t => t.when.filter(([fact]) => ofPresence(fact)).map(([fact, values]) => `${fact}: ${listed(values)}`).join(" and ");

  function refusedChange(model, world, event, situation, why) {
    const whose = `the ${event.actor} ${words.partner.one}'s ${words.ticket.one}`, named = why.replaceAll(`the actor's ${words.ticket.one}`, whose);
    const statuses = situation ? statusesAllowing(model, world.status, situation) : [];
    if (statuses.length) return `${named}; the ${words.status.one} is ${world.status}, and this would be allowed in ${listed(statuses)}`;
    if (situation && (situation.shown || situation.change === "create" || !situation.ticket)) return `${named}; the ${words.status.one} is ${world.status}`;
    const names = [...world.items.values()].filter(item => entryOn(item, event.actor) !== null).map(item => item.name);
    return `${named}; ${named === why ? whose : "it"} shows ${listed(names) || `no ${words.item.one}`}`;
  }

  function statusesAllowing(model, status, situation) {
    if (situation.shown === false && situation.change !== "create") return [];
    const here = states[status].parts, found = new Set();
    for (const name of rules.order.states) {
      const others = Object.entries(states[name].parts).filter(([key, state]) => state !== here[key]).map(([key, state]) => `${key}: ${state}`);
      if (others.length > 1) continue;  // of several status machines one is elsewhere
      const phase = phaseOf(name), ticket = phases[phase].tickets.includes(situation.actor);
      const decision = decide(model, {...situation, phase, nextPhase: phase, ticket});
      if (decision.refused === null && !decision.defects.length) found.add(others[0] ?? name);
    }
    return [...found];
  }

  // ---- what comes of an outcome

  const rulesOf = outcome => [...new Set([...(outcome.moved?.transition.declared ?? []), ...outcome.hits.map(hit => hit.row.id)])];

  function sourcesOf(outcome) {
    const cited = new Set([...outcome.hits.flatMap(hit => hit.row.sources), ...(outcome.moved?.transition.sources ?? [])]);
    return rules.statements.filter(name => cited.has(name));
  }

  const openGaps = outcome => [...new Set([...outcome.hits.flatMap(hit => hit.row.sources), ...outcome.moved?.transition.sources ?? []])].filter(name => rules.open.includes(name));

  function reached(outcome) {  // the partners to whom a change crossed over
    const {event, before, after} = outcome;
    if (isUndone(outcome)) return [];
    const found = new Set(outcome.fired.flatMap(one => one.transition.followers ?? []));
    const gone = outcome.moved ? phases[phaseOf(after.status)].gone : [];
    for (const [name, item] of after.items) {
      const was = before.items.get(name), copy = !was || gone.includes(other(was.owner)) ? null : actedCopy(was, event);
      if (!same(item.copy, copy)) found.add(other(item.owner));
      if (!was || (event.item === name && event.actor === item.owner)) continue;
      if ((was.present && !gone.includes(item.owner)) !== item.present || !same(was.original, item.original)) found.add(item.owner);
    }
    if (!found.size && outcome.synced && event.item !== null && event.action === "edit") found.add(other(event.actor));
    return partners.filter(one => found.has(one));
  }

  const isUndone = outcome => outcome.event.item != null && !outcome.defects.length && outcome.hits.some(hit => hit.row.then.effect === "revert");

  const behind = new WeakMap();  // what was worked out once

  function readingsBehind(outcome) {
    if (!behind.has(outcome)) behind.set(outcome, dependence(outcome));
    return behind.get(outcome);
  }

  function dependence(outcome) {
    const {model, event} = outcome, concerned = new Set([...Object.keys(rules.fixed), ...rules.moving[event.action] ?? []]);
    for (const hit of outcome.hits)
      for (const name of [...rules.bearing[hit.row.id] ?? [], ...rules.moving[hit.row.then.link] ?? []]) concerned.add(name);
    return rules.order.readings.filter(name => concerned.has(name) && rules.order.options[name].some(option =>
      option !== model.readings[name] && !alikeTo(outcome, step(engine.model({...model.readings, [name]: option}), outcome.before, event))));
  }

  const canonical = value => JSON.stringify(value, (_, one) => one && typeof one === "object" && !Array.isArray(one) ? Object.fromEntries(Object.entries(one).sort()) : one);
  const summary = outcome => canonical([outcome.refused === null, outcome.synced, [...outcome.notified].sort(), outcome.after.status, outcome.defects.length > 0]);

  function alikeTo(one, two) {  // whether two outcomes of the same step in the same world are
    const [ours, theirs] = [one.after.items, two.after.items];
    return summary(one) === summary(two) && ours.size === theirs.size
      && [...ours].every(([name, item]) => item === theirs.get(name) || canonical(item) === canonical(theirs.get(name)));
  }

  return {step, isRefused, target, presentIn, ofPresence, shown, entryOn, worldAt, phaseOf, rulesOf, sourcesOf, reached, isUndone, readingsBehind, openGaps, canonical, listed, plain, quoted};
}
