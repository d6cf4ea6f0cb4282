"use strict";
// Scenario files read and written as simsync does, and a history in the fragment of a link.
// What cannot be read is an Error whose message is a sentence.

function filesOf(engine, steps, overlap, yaml) {
  const {rules, partners, other, CHANGES} = engine;
  const acting = [...partners, ...rules.order.actors], fields = rules.fields, item = rules.words.item;
  const transitions = rules.status.transitions.concat(rules.machines.flatMap(one => one.transitions));
  const triggers = new Set(transitions.map(one => one.trigger));
  const kinds = new Map(rules.order.kinds.map(kind => [kind.split(/\s+/).join(" "), kind]));
  const fail = text => { throw new Error(text); };
  const among = (what, value, allowed) => `'${value}' is not ${what}; allowed: ${steps.listed(allowed)}`;
  const folded = name => name.normalize("NFKC").toLowerCase().normalize("NFKC");

  // ---- a step in words

  function words(event) {
    return [event.action, event.kind, event.item].filter(one => one != null).join(" ");
  }

  function parsed(actor, text) {  // an action without its fields
    const said = text.trim().split(/\s+/), [first, ...rest] = said;
    const event = {actor, action: said.join(" "), item: null, kind: null, fields: {}};
    if (triggers.has(event.action)) return event;
    if (!CHANGES.includes(first)) fail(among("an action", text, allowedTo(actor)));
    if (rules.actors[actor] !== undefined) fail(`'${actor}' has no ${rules.words.ticket.one}, and so changes no ${item.one}`);
    if (first !== "create") return rest.length === 1 ? {...event, action: first, item: rest[0]} : fail(`'${first}' takes the name of one ${item.one}, as in '${first} N1'`);
    const kind = kinds.get(rest.slice(0, -1).join(" "));
    if (kind === undefined) fail(among(`a kind of ${item.one}`, rest.slice(0, -1).join(" "), kinds.keys()));
    return {...event, action: "create", kind, item: rest.at(-1)};
  }

  function allowedTo(actor) {  // what an actor can do in some status
    const forms = rules.actors[actor] === undefined ? ["create KIND NAME", "edit NAME", "delete NAME"] : [];
    return [...new Set([...forms, ...transitions.filter(one => one.actors.includes(actor)).map(one => one.trigger)])];
  }

  function settable(event, owner, kind) {
    if (event.action === "create") return rules.settable.create[event.kind];
    if (event.action !== "edit") return [];
    return event.actor === owner ? rules.settable.edit[kind] : rules.settable.copy[owner][kind];
  }

  function valueOf(name, text) {
    const values = fields[name].values;
    if (!values.length) return String(text);
    const found = values.find(one => String(one) === String(text));
    return found === undefined ? fail(among(`a value of '${name}'`, text, values.map(String))) : found;
  }

  function nameProblem(name, taken, kind) {  // why a new item cannot be called so, null if it can
    if (!name || /\s/.test(name) || !steps.plain(name)) return `a name has no blanks in it, and only what can be seen: write '${name.trim().replace(/\s+/g, "_") || "N1"}'`;
    if (taken.has(name)) return createdTwice(name, kind);
    const alike = [...taken].find(one => folded(one) === folded(name));
    if (alike !== undefined) return `'${name}' and '${alike}' differ in nothing that can be seen, or in case only; name one of them otherwise`;
    return productItem(name, taken) ? `'${name}' is what ${item.a} of the product's own is called; name this one otherwise` : null;
  }

  function createdTwice(name, kind) {
    const said = freeTexts(kind).map(one => `'${one}'`).join(" or "), about = (rules.kindsAbout[kind] ?? "").replace(/\.$/, "");
    const handle = `a name is the handle of one ${item.one} for good, and no ${rules.words.ticket.one} shows it`;
    return `'${name}' was created already; ${handle}: give the new one another${said && `; what it is called is said with ${said}`}${about && ` (${kind}: ${about})`}`;
  }

  const freeTexts = kind => rules.kinds[kind].filter(name => !fields[name].values.length);

  function handleFor(wanted, taken, kind) {  // what a new item can go by, as near as can be to what was wanted
    const plain = wanted.trim().replace(/\s+/g, "_"), letter = (kind.match(/\p{L}/u) ?? ["I"])[0].toUpperCase();
    if (plain && nameProblem(plain, taken, kind) === null) return plain;
    const stem = plain && nameProblem(`${plain}-2`, new Set(), kind) === null ? `${plain}-` : letter;
    const begun = stem === letter ? [...taken].filter(name => name.startsWith(letter)).length + 1 : 2;
    for (let number = begun; ; number++) if (nameProblem(`${stem}${number}`, taken, kind) === null) return `${stem}${number}`;
  }

  function productItem(name, created) {
    return rules.made.some(row => {
      if (!name.startsWith(row)) return false;
      const about = name.slice(row.length);
      return [about, about.replace(/-([2-9]|[1-9]\d+)$/, "")].some(one => {
        const of = one.startsWith("-of-") ? one.slice(4) : one;
        return one === "" || (of !== one && (created.has(of) || productItem(of, created)));
      });
    });
  }

  // ---- a history as a scenario

  function expected(outcome) {
    const {event, after} = outcome, ids = steps.rulesOf(outcome), rule = ids.length ? {rule: ids[0]} : {};
    if (outcome.refused !== null) {
      const whole = outcome.hits.map(hit => hit.row.then.refuse).find(one => one);
      const told = whole && outcome.refused.toLowerCase().includes(whole.toLowerCase()) ? whole : true;
      return {refused: told, ...ofItem(outcome, event.item), ...rule};
    }
    const notified = outcome.notified;
    if (event.item != null) return {synced: outcome.synced, ...ofItem(outcome, event.item), notified, ...rule};
    const items = Object.fromEntries([...after.items.keys()].map(name => [name, ofItem(outcome, name)]));
    return {...statusSaid(after.status), synced: outcome.synced, notified, ...rule, ...(Object.keys(items).length ? {items} : {})};
  }

  function statusSaid(status) {
    const parts = rules.status.states[status].parts, said = Object.keys(parts).length ? parts : status;
    return said === rules.alone ? {} : {status: said};
  }

  function ofItem(outcome, name) {
    const one = outcome.after.items.get(name);
    if (!one) return {};
    const views = Object.fromEntries(partners.map(partner => [partner, steps.shown(one, partner) ?? "absent"]));
    return {...(one.link === rules.alone ? {} : {link: one.link}), ...views};
  }

  function document(title, status, readings, model, stages) {  // every order of a round is followed, and what holds in all is expected: {made, doubts}
    const given = {...(status === rules.alone ? {} : {status}), ...(Object.keys(readings).length ? {readings} : {})};
    const cited = new Set(), doubts = [], written = [];
    let worlds = [steps.worldAt(status)];
    stages.forEach(({events}, number) => {
      const {forks, worlds: after} = overlap.forksOf(model, worlds, events), done = forks.flatMap(fork => fork.outcome.outcomes);
      for (const name of done.flatMap(steps.sourcesOf)) cited.add(name);
      if (events.length > 1) written.push(roundOf(events, forks));
      else if (done.some(one => one.refused === null) && done.some(one => one.refused !== null)) doubts.push(`step ${number + 1} is refused or done, as the order of what was done at once before it has it`);
      if (events.length === 1) written.push(stepOf(events[0], inAll(done.map(expected)) ?? {}));
      if (after.length > overlap.MOST_WORLDS) doubts.push(`step ${number + 1} leads to ${after.length} different situations; ${overlap.MOST_WORLDS} are followed`);
      worlds = after.slice(0, overlap.MOST_WORLDS);
    });
    const sources = rules.statements.filter(name => cited.has(name));
    return {made: {scenario: title, ...(sources.length ? {sources} : {}), ...(Object.keys(given).length ? {given} : {}), steps: written}, doubts};
  }

  const stepOf = (event, expect) => ({[event.actor]: words(event), ...event.fields, ...(Object.keys(expect).length ? {expect} : {})});

  function inAll(values) {  // what several have in common; undefined if nothing
    const [first, ...others] = values.map(steps.canonical);
    if (others.every(one => one === first)) return values[0];
    if (!values.every(one => one && typeof one === "object" && !Array.isArray(one))) return undefined;
    const found = {};
    for (const key of Object.keys(values[0])) {
      const there = values.map(one => one[key]), common = there.includes(undefined) ? undefined : inAll(there) ?? (key === "refused" ? true : undefined);
      if (common !== undefined && (typeof common !== "object" || Array.isArray(common) || Object.keys(common).length)) found[key] = common;
    }
    return found;
  }

  function roundOf(events, forks) {
    const outcomes = forks.map(fork => fork.outcome), counts = new Map();
    for (const {before} of forks) counts.set(before, (counts.get(before) ?? 0) + 1);
    const [count, ...others] = new Set(counts.values());
    const actions = events.map((event, position) => {
      const refused = outcomes.every(one => one.answers[position] === "refused");
      return stepOf(event, refused ? {refused: inAll(outcomes.map(one => expected(one.outcomes[one.order.indexOf(position)]).refused)) ?? true} : {});
    });
    const someRefused = outcomes.every(one => one.refused !== null) && actions.every(one => !one.expect);
    const expect = inAll(outcomes.map(({after, synced, notified}) => ({
      ...statusSaid(after.status), ...(synced === null ? {} : {synced}), notified: [...notified],
      items: Object.fromEntries([...after.items.keys()].map(name => [name, ofItem({after}, name)]))}))) ?? {};
    if (!Object.keys(expect.items ?? {}).length) delete expect.items;
    return {together: actions, expect: {...(others.length ? {} : {outcomes: count}), ...(someRefused ? {refused: true} : {}), ...expect}};
  }

  function asText({steps, ...head}) {  // a line for each key of the head, and for what is expected of a step
    const written = (made, flowLevel) => yaml.dump(made, {schema: yaml.CORE_SCHEMA, flowLevel, lineWidth: 110, noRefs: true});
    return `${written(head, 1)}steps:\n${steps.map(step => written({steps: [step]}, isRound(step) ? 5 : 3).replace("steps:\n", "")).join("")}`;
  }

  // ---- a scenario file as histories

  function read(text) {  // every scenario of a file: {title, status, readings, stages}
    let documents;
    try {
      documents = yaml.loadAll(text, null, {schema: yaml.FAILSAFE_SCHEMA}).filter(one => one);
    } catch (error) {
      fail(`this is no YAML: ${error.reason ?? error.message}${error.mark ? `, in line ${error.mark.line + 1}` : ""}`);
    }
    if (!documents.length) fail("there is no scenario in this file");
    return documents.map(readOne);
  }

  function readOne(made) {
    if (typeof made !== "object" || typeof made.scenario !== "string" || !Array.isArray(made.steps))
      fail("a scenario has a title under 'scenario' and a list under 'steps'; this file has something else");
    const where = text => fail(`in '${made.scenario}': ${text}`), given = made.given ?? {}, readings = given.readings ?? {};
    try {
      for (const [name, option] of Object.entries(readings)) checkReading(name, option);
      return {title: made.scenario, status: statusOf(given.status), readings, stages: readSteps(made.steps)};
    } catch (error) {
      return where(error.message);
    }
  }

  function checkReading(name, option) {
    if (!rules.readings[name]) fail(among("a reading", name, rules.order.readings));
    if (!(option in rules.readings[name].options)) fail(among(`an option of '${name}'`, option, rules.order.options[name]));
  }

  function statusOf(said) {
    if (said === undefined) return rules.status.begin;
    const states = rules.status.states;
    if (typeof said === "object") {
      const wanted = {...states[rules.status.begin].parts, ...said};
      const found = rules.order.states.find(name => Object.entries(wanted).every(([key, state]) => states[name].parts[key] === state));
      return found ?? fail(among(rules.words.status.a, JSON.stringify(said), rules.order.states));
    }
    const name = rules.status.aliases[said] ?? said;
    return name in states ? name : fail(among(rules.words.status.a, said, rules.order.states));
  }

  function readSteps(made) {
    const created = new Map();
    return made.map((step, number) => {
      try {
        return overlap.stageOf(isRound(step) ? readRound(step, created) : [readStep(step, created)]);
      } catch (error) {
        return fail(`step ${number + 1}: ${error.message}`);
      }
    });
  }

  const isRound = step => step && "together" in step && !acting.includes("together") && !("together" in fields);

  function readRound(step, created) {
    const strange = Object.keys(step).find(key => key !== "together" && key !== "expect"), actions = step.together;
    if (strange !== undefined) fail(among("a key of a round", strange, ["together", "expect"]));
    if (!Array.isArray(actions) || actions.length < 2) fail("'together' is a list of at least two actions that overlap");
    return asRound(actions.map(action => readStep(action, created)));
  }

  const asRound = events => events.length > overlap.MOST_TOGETHER ? fail(`${events.length} actions at once have too many orders; ${overlap.MOST_TOGETHER} are the most`) : events;

  function readStep(step, created) {
    if (!step || typeof step !== "object") fail(`a step says who acts by one key: ${steps.listed(acting)}`);
    const actor = acting.find(one => one in step);
    if (actor === undefined) fail(`a step says who acts by one key: ${steps.listed(acting)}`);
    const event = parsed(actor, String(step[actor])), {[actor]: _, expect: __, ...given} = step;
    return checked({...event, fields: given}, created);
  }

  function checked(event, created) {  // the event with its values read; what it creates is added
    if (!acting.includes(event.actor)) fail(among(rules.words.partner.a, event.actor, acting));
    let [owner, kind] = [event.actor, event.kind];
    if (event.action === "create") {
      const problem = nameProblem(event.item, new Set(created.keys()), event.kind);
      if (problem) fail(problem);
      created.set(event.item, [owner, kind]);
    } else if (event.item != null) {
      if (!created.has(event.item) && !productItem(event.item, created)) fail(among(`${item.a} that was created before`, event.item, created.keys()));
      [owner, kind] = created.get(event.item) ?? [null, null];
    }
    const allowed = event.item == null ? [] : kind === null ? Object.keys(fields) : settable(event, owner, kind);
    const values = {};
    for (const [name, value] of Object.entries(event.fields)) {
      if (!allowed.includes(name)) fail(`the field '${name}' does not belong to '${words(event)}'${allowed.length ? `; allowed here: ${allowed.join(", ")}` : ""}`);
      values[name] = valueOf(name, value);
    }
    if (event.action === "edit" && !Object.keys(values).length) fail("an edit changes at least one field");
    return {...event, fields: values};
  }

  // ---- a history in a link: [status, readings, stages] as JSON in base64; an event is [actor, words, fields], a round [events, order]

  function fragment(status, readings, stages, at) {
    const saying = ({events, order}) => events.length === 1 ? said(events[0]) : [events.map(said), order], said = one => [one.actor, words(one), one.fields];
    const text = JSON.stringify([status, readings, stages.map(saying), ...(at === undefined ? [] : [at])]);
    return btoa(String.fromCharCode(...new TextEncoder().encode(text))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  }

  function fromFragment(text) {
    let said;
    try {
      const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
      said = JSON.parse(new TextDecoder("utf-8", {fatal: true}).decode(Uint8Array.from(bytes, one => one.charCodeAt(0))));
    } catch {
      fail("the link is cut off or damaged: what stands behind its # is no history");
    }
    if (!Array.isArray(said) || !Array.isArray(said[2]) || !said[1] || !said[2].every(Array.isArray)) fail("what stands behind the # of the link is no history");
    const [status, readings, stages, at] = said;
    return {...fromData(status, readings, stages), at: at ?? stages.length};
  }

  function fromData(status, readings, said) {
    for (const [name, option] of Object.entries(readings)) checkReading(name, option);
    const created = new Map(), event = ([actor, text, given]) => checked({...parsed(actor, String(text)), fields: given ?? {}}, created);
    return {status: statusOf(status), readings, stages: said.map(one => {
      if (!Array.isArray(one[0])) return overlap.stageOf([event(one)]);
      const events = asRound(one[0].map(event)), order = one[1];
      if (events.length < 2) fail("a round has at least two actions that overlap");
      if (order !== undefined && !overlap.isOrder(order, events)) fail(`${JSON.stringify(order)} is no order of a round in which each does things one after the other`);
      return overlap.stageOf(events, order);
    })};
  }

  return {words, settable, valueOf, freeTexts, handleFor, expected, document, asText, read, fragment, fromFragment, fromData, acting, triggers};
}
