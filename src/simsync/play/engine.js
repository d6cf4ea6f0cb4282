"use strict";
// The engine of the page: what engine/step.py does, from the rules as data. It knows no name of any rule.
// A world is {status, items: Map}, an item {name, owner, original, present, copy, link, history, agreed, last};
// none of them is ever changed. An outcome says all that a step did, and why.

function engineOf(rules) {
  const NONE = "none", NEXT = "next ", CHANGES = ["create", "edit", "delete"];
  const order = rules.order, partners = order.partners, phases = rules.status.phases;
  const other = partner => partner === partners[0] ? partners[1] : partners[0];
  const watched = new Set(rules.watched);
  const enumerated = order.fields.filter(name => rules.fields[name].values.length);
  const models = new Map();

  // ---- a model: the rules under one choice of readings

  const asked = new WeakMap();  // the model that was made for the same object before

  function model(readings = {}) {
    if (!asked.has(readings)) asked.set(readings, modelOf(readings));
    return asked.get(readings);
  }

  function modelOf(readings) {
    const chosen = {};
    for (const name of order.readings) chosen[name] = readings[name] ?? order.options[name][0];
    const key = JSON.stringify(chosen);
    if (!models.has(key)) models.set(key, made(chosen, key));
    return models.get(key);
  }

  function made(readings, key) {
    const tested = {};
    for (const name of rules.tested) tested[name] = readings[name];
    const there = one => one.under.every(([name, options]) => options.includes(readings[name])) && allows(one.when, tested);
    const tables = rules.tables.map(table => {
      const rows = table.rows.filter(there);
      return {...table, rows, facts: [...new Set(rows.flatMap(row => row.when.map(([fact]) => fact)))]};
    });
    const that = (decides, once) => tables.filter(one => one.decides === decides && (once === undefined || one.once === once));
    const fields = {...rules.fields};
    for (const [reading, options] of Object.entries(rules.fixed)) Object.assign(fields, options[readings[reading]]);
    return {
      key, readings, tested, tables, fields,
      permission: that("permission"), derived: ordered(that("fact")), change: that("change"), copy: that("copy"),
      itemNotices: that("notification", "item"), stepNotices: that("notification", "step"),
      itemConsequences: that("consequence", "item"), stepConsequences: that("consequence", "step"),
      transitions: rules.status.transitions.filter(there), link: rules.link.transitions.filter(there),
      machines: rules.machines.map(one => ({...one, transitions: one.transitions.filter(there)})),
      decisions: new Map(), refusals: new Map(), known: new Map(),
    };
  }

  const allows = (when, chosen) => when.every(([fact, values]) => !(fact in chosen) || values.includes(chosen[fact]));
  const holds = (when, facts) => when.every(([fact, values]) => values.includes(facts[fact]));

  function ordered(tables) {  // each after those that give the facts it tests
    const gives = new Map(tables.map(one => [one.gives, one])), found = [];
    while (found.length < tables.length)
      for (const one of tables)
        if (!found.includes(one) && one.facts.every(fact => !gives.has(fact) || found.includes(gives.get(fact)))) found.push(one);
    return found;
  }

  // ---- what is carried, and what both tickets say

  function carried(fields, name, by, value, there) {
    const how = fields[name].delivered;
    if (!how || !how.by.includes(by)) return null;
    if (there !== null && (how.when === "once" || (how.when === "where empty" && there !== fields[name].default))) return null;
    const map = how.maps[by];
    if (!map) return value;
    const pair = map.find(([from]) => from === value);
    return pair ? pair[1] : null;
  }

  function alikeField(fields, name, by, value, back, there) {
    if (fields[name].mirrored) return value === there;
    const forth = carried(fields, name, by, value, there), home = carried(fields, name, back, there, value);
    return forth === there || home === value || (forth === null && home === null);
  }

  const alike = (fields, item, original, copy) => Object.entries(copy.fields).every(([name, there]) =>
    !(name in original.fields) || !fields[name].compared || alikeField(fields, name, item.owner, original.fields[name], other(item.owner), there));
  const same = (one, two) => one === two || (one !== null && two !== null && one.kind === two.kind && sameFields(one.fields, two.fields));
  const sameFields = (one, two) => Object.keys(one).length === Object.keys(two).length && Object.keys(one).every(name => one[name] === two[name]);
  const comparedValues = (fields, entry) => entry && Object.fromEntries(Object.entries(entry.fields).filter(([name]) => fields[name].compared));
  const agrees = (values, others) => Object.entries(values).every(([name, value]) => !(name in others) || others[name] === value);

  function actedCopy(item, event) {  // the copy once the other partner did what it does, before the rules do anything
    const copy = item.copy;
    if (event.item !== item.name || item.owner === event.actor || copy === null) return copy;
    return event.action === "delete" ? null : {kind: copy.kind, fields: {...copy.fields, ...event.fields}};
  }

  function carries(fields, item, event) {
    if (event.item !== item.name || event.action !== "edit") return event.item === item.name;
    const there = event.actor === item.owner ? item.copy : item.present ? item.original : null;
    return Object.entries(event.fields).some(([name, value]) =>
      carried(fields, name, event.actor, value, there ? there.fields[name] ?? fields[name].default : null) !== null);
  }

  function compared(fields, item, event) {
    const copy = actedCopy(item, event), original = item.present ? item.original : null;
    let [here, there] = event.actor === item.owner ? [original, copy] : [copy, original];
    if (!partners.includes(event.actor)) here = there = null;
    const [said, answered] = item.agreed ?? [{}, {}], fresh = item.agreed === null;
    const known = {
      "alike": original !== null && copy !== null && alike(fields, item, original, copy),
      "original changed": original !== null && (fresh || !agrees(said, original.fields)),
      "copy changed": copy !== null && (fresh || !agrees(answered, copy.fields)),
      "changed last": item.last ?? "neither",
      "carries": carries(fields, item, event),
    };
    return rules.compared.map(fact => {
      const dot = fact.indexOf(".");
      if (dot < 0) return [fact, known[fact]];
      const entry = fact.slice(0, dot) === "here" ? here : there, name = fact.slice(dot + 1);
      return [fact, entry === null ? null : name === "kind" ? entry.kind : entry.fields[name] ?? null];
    });
  }

  // ---- the facts of a situation

  function machineFacts(actor, phase, nextPhase) {
    const found = {};
    for (const [when, one] of [["", phase], [NEXT, nextPhase]]) {
      const known = Object.entries(phases[one].facts);
      for (const [fact, value] of known) found[when + fact] = value;
      if (!known.length || !partners.includes(actor)) continue;
      for (const [fact, value] of known) {
        const [key, what] = [fact.slice(0, fact.indexOf(".")), fact.slice(fact.indexOf(".") + 1)];
        if (partners.includes(key)) found[`${when}${key === actor ? "here" : "there"}.${what}`] = value;
      }
    }
    return found;
  }

  function situationOf(model, item, event, phase, nextPhase, present, shown = null) {
    const change = CHANGES.includes(event.action) ? event.action : NONE;
    return {
      actor: event.actor, change, by: change === NONE ? null : item.owner === event.actor ? "owner" : "other",
      owner: item.owner, kind: item.original.kind,
      values: enumerated.map(name => watched.has(name) ? item.original.fields[name] ?? null : null),
      phase, nextPhase, link: item.link, copied: item.copy !== null, present: item.present,
      ticket: phases[phase].tickets.includes(event.actor), shown, history: item.history,
      compared: [...(rules.compared.length ? compared(model.fields, item, event) : []), ...present],
    };
  }

  function factsOf(model, s) {
    const facts = {
      "actor": s.actor, "change": s.change, "by": s.by, "owner": s.owner, "kind": s.kind, "phase": s.phase,
      "next phase": s.nextPhase, "link": s.link, "copy": s.copied ? "present" : "absent",
      "original": s.present ? "present" : "deleted", "ticket": s.ticket ? "present" : "absent", "shown": s.shown,
    };
    enumerated.forEach((name, number) => facts[name] = s.values[number]);
    for (const memory of rules.memories) facts[memory.name] = s.history.includes(memory.name);
    for (const [fact, value] of s.compared) facts[fact] = value;
    return Object.assign(facts, machineFacts(s.actor, s.phase, s.nextPhase), model.tested);
  }

  // ---- tables asked

  const applies = (table, facts) => holds(table.scope, facts);
  const inquiryOf = facts => ({facts, hits: [], derived: new Map(), defects: []});

  function ask(inquiry, table) {
    const rows = table.rows.filter(row => holds(row.when, inquiry.facts));
    const actual = table.facts.map(fact => [fact, inquiry.facts[fact] ?? null]);
    if (rows.length !== 1) {
      inquiry.defects.push({kind: rows.length ? "ambiguous" : "undecided", tables: [table.name], rows: rows.map(row => row.id), actual});
      return null;
    }
    const hit = {table: table.name, row: rows[0], actual};
    if (hit.row.then.fact !== undefined) inquiry.derived.set(hit.row.then.fact, hit); else inquiry.hits.push(hit);
    return hit.row.then;
  }

  function askOne(inquiry, tables, needed) {
    const asked = tables.filter(table => applies(table, inquiry.facts));
    if (asked.length === 1) return ask(inquiry, asked[0]);
    if (asked.length || needed)
      inquiry.defects.push({kind: "scope", tables: (asked.length ? asked : tables).map(one => one.name), rows: [], actual: []});
    return null;
  }

  function trail(inquiry) {
    const hits = [...inquiry.hits];
    for (const hit of hits)  // grows while we walk: a derived fact may rest on another
      for (const [fact] of hit.row.when) {
        const found = inquiry.derived.get(fact);
        if (found && !hits.includes(found)) hits.push(found);
      }
    return hits;
  }

  // ---- what happens to one item

  function decide(model, situation) {
    const key = JSON.stringify(situation);
    if (!model.decisions.has(key)) model.decisions.set(key, decided(model, situation));
    return model.decisions.get(key);
  }

  function decided(model, s) {
    const inquiry = inquiryOf(factsOf(model, s)), acts = s.change !== NONE;
    const permission = acts ? askOne(inquiry, model.permission, true) : null;
    const nothing = {refused: null, then: {}, copy: null, link: s.link, synced: false, history: s.history, notified: [], hits: [], fired: null, defects: [], facts: inquiry.facts};
    if (permission && permission.refuse !== undefined) return {...nothing, refused: permission.refuse, hits: trail(inquiry)};
    const change = askChange(model, inquiry, acts);
    if (inquiry.defects.length) return {...nothing, defects: inquiry.defects.slice(0, 1)};
    return concluded(model, s, change, inquiry);
  }

  function askChange(model, inquiry, needed) {
    const before = inquiry.hits;
    inquiry.hits = [];
    let change = null;
    if ((needed || model.change.some(table => applies(table, inquiry.facts))) && derive(model, inquiry)) change = askOne(inquiry, model.change, needed);
    inquiry.hits.push(...before);
    return change ?? {};
  }

  function derive(model, inquiry) {
    for (const table of model.derived) {
      const then = ask(inquiry, table);
      if (!then || then.fact === undefined) return false;
      inquiry.facts[then.fact] = then.value;
    }
    return true;
  }

  function concluded(model, s, change, inquiry) {
    const effect = change.effect ?? NONE, acted = asActed(s);
    const fired = change.link === undefined ? null : fire(model.link, s.link, change.link, inquiry.facts);
    if (change.link !== undefined && !fired)
      inquiry.defects.push({kind: "cannot-fire", tables: [inquiry.hits[0].table], rows: [inquiry.hits[0].row.id], actual: []});
    const nextLink = fired ? fired.dest : s.link;
    const synced = effect === "deliver" || ((effect === "remove" || effect === "take") && acted.copied) || (effect === "remove original" && acted.present);
    const arrives = effect === "deliver" && !s.copied;
    Object.assign(inquiry.facts, {arrives, synced, "next link": nextLink});
    const copy = askOne(inquiry, model.copy, arrives && model.copy.length > 0);
    const notified = model.itemNotices.flatMap(table => notify(inquiry, table));
    for (const one of rules.never)
      if (holds(one.what, inquiry.facts))
        inquiry.defects.push({kind: "property", tables: inquiry.hits.slice(0, 1).map(hit => hit.table), rows: inquiry.hits.slice(0, 1).map(hit => hit.row.id), broken: one.name, actual: one.what.map(([fact]) => [fact, inquiry.facts[fact]])});
    return {
      refused: null, then: change, copy, link: nextLink, synced, history: remembered(s, inquiry.facts, atTheEnd(s, effect)),
      notified, hits: trail(inquiry), fired, defects: inquiry.defects, facts: inquiry.facts,
    };
  }

  function decideCreated(model, situation, cause) {
    const inquiry = inquiryOf(factsOf(model, situation)), created = cause.row.then.create;
    inquiry.hits.push(cause);
    derive(model, inquiry);
    const change = {effect: created.both ? "deliver" : NONE, ...(created.link === null ? {} : {link: created.link})};
    return concluded(model, situation, change, inquiry);
  }

  function fire(transitions, state, trigger, facts) {
    const fits = t => t.trigger === trigger && t.source.includes(state) && (!t.actors.length || t.actors.includes(facts.actor)) && holds(t.when, facts);
    const found = transitions.find(fits);
    return found ? {transition: found, source: state, dest: found.dest, item: null} : null;
  }

  const notify = (inquiry, table) => applies(table, inquiry.facts) ? ask(inquiry, table)?.notify ?? [] : [];
  const asActed = s => ({copied: s.copied && !(s.change === "delete" && s.by === "other"), present: s.present});

  function afterwards(s, effect) {
    const {copied, present} = asActed(s);
    if (effect === "deliver") return {copied: true, present};
    if (effect === "remove") return {copied: false, present};
    if (effect === "take") return {copied, present: present || copied};
    if (effect === "remove original") return {copied, present: false};
    if (effect !== "revert") return {copied, present};
    const undeleted = s.change === "delete" && s.by === "owner" && Boolean(s.shown);
    return {copied: s.copied, present: (present || undeleted) && s.change !== "create"};
  }

  function atTheEnd(s, effect) {
    const there = afterwards(s, effect), gone = phases[s.nextPhase].gone;
    if (!gone.length || s.change !== NONE) return there;
    return {copied: there.copied && !gone.includes(other(s.owner)), present: there.present && !gone.includes(s.owner)};
  }

  function remembered(s, facts, there) {
    const after = {...facts, "copy": there.copied ? "present" : "absent", "original": there.present ? "present" : "deleted", "phase": s.nextPhase, "link": facts["next link"]};
    for (const [fact, value] of Object.entries(facts))
      if (fact.startsWith(NEXT) && /\.(status|phase)$/.test(fact)) after[fact.slice(NEXT.length)] = value;
    return rules.memories.map(m => m.name).filter((name, number) => s.history.includes(name) || holds(rules.memories[number].when, after));
  }

  function announce(model, actor, change, phase, nextPhase, synced, present) {
    const inquiry = inquiryOf({actor, change, phase, "next phase": nextPhase, synced, ...machineFacts(actor, phase, nextPhase), ...model.tested, ...Object.fromEntries(present)});
    const notified = model.stepNotices.flatMap(table => notify(inquiry, table));
    return {notified, hits: trail(inquiry), defects: inquiry.defects};
  }

  return {rules, partners, other, model, phases, CHANGES, NONE, NEXT, enumerated, allows, holds, carried, alike, same, actedCopy,
    comparedValues, machineFacts, situationOf, inquiryOf, applies, ask, decide, decideCreated, fire, announce};
}
