"use strict";
// What a step did, in sentences and short lines, in the policy's own words.

function storyOf(engine, steps, overlap, files) {
  const {rules, partners, other, NONE} = engine, words = rules.words, fields = rules.fields;
  const says = text => `\u201c${text}\u201d`, label = name => name.replaceAll("_", " ");
  const flag = values => values.length > 0 && values.every(one => typeof one === "boolean");
  const ticketOf = partner => `${partner}\u2019s ${words.ticket.one}`;
  const sentence = text => text[0].toUpperCase() + text.slice(1);
  const within = text => `${text[0].toLowerCase()}${text.slice(1).replace(/\.$/, "")}`;  // a sentence inside another

  function setting(name, value) {  // a field that an action sets
    if (flag(fields[name].values)) return value ? label(name) : `${label(name)}: no`;
    return fields[name].values.length ? `${label(name)}: ${value}` : says(value);
  }

  function shownAs(name, value) {  // what a ticket shows of an item; nothing of what goes without saying
    if (name === "kind") return value;
    const show = rules.shows.find(one => one.name === name), values = fields[show.field].values;
    if (flag(values)) return value ? label(name) : show.negated ? `${label(name)}: no` : "";
    return values.length ? `${label(name)}: ${value}` : value === "" ? "" : says(value);
  }

  const shownOr = (name, value) => shownAs(name, value) || (value === "" ? `no ${label(name)}` : `${label(name)}: no`);
  const described = view => Object.entries(view).map(([name, value]) => shownAs(name, value)).filter(one => one).join(", ");

  function action(event) {  // as a scenario says it, with what it sets
    const set = Object.entries(event.fields).map(([name, value]) => setting(name, value)).join(", ");
    return set ? `${files.words(event)} (${set})` : files.words(event);
  }

  function changesOn(outcome, partner) {  // [{sign, item, says}], what is otherwise on a ticket
    const found = [];
    for (const name of outcome.after.items.keys()) {
      const [was, is] = [outcome.before, outcome.after].map(world => world.items.has(name) ? steps.shown(world.items.get(name), partner) : null);
      if (was === null && is !== null) found.push({sign: "+", item: name, says: described(is)});
      else if (was !== null && is === null) found.push({sign: "\u2212", item: name, says: ""});
      else if (is !== null && JSON.stringify(was) !== JSON.stringify(is)) {
        const apart = Object.keys(is).filter(key => is[key] !== was[key]);
        found.push({sign: "~", item: name, says: apart.map(key => shownOr(key, is[key])).join(", ")});
      }
    }
    return found;
  }

  function statusMoves(outcome) {  // [[was, is]], of several machines those that moved
    const [was, is] = [outcome.before, outcome.after].map(world => world.status);
    if (was === is) return [];
    const states = rules.status.states, keys = Object.keys(states[is].parts);
    if (!keys.length) return [[was, is]];
    return keys.filter(key => states[was].parts[key] !== states[is].parts[key]).map(key => [`${key}: ${states[was].parts[key]}`, states[is].parts[key]]);
  }

  const doing = event => `${event.actor}: ${action(event)}`;

  function did({events, order}) {  // what was done in a stage, of a round in the order taken
    return events.length === 1 ? doing(events[0]) : `at once: ${order.map(position => doing(events[position])).join("; ")}`;
  }

  const shortly = event => `${event.actor}: ${files.words(event)}`;
  const inOrder = outcome => outcome.order.map(position => shortly(outcome.events[position])).join(", then ");
  const enumerated = all => all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;

  function done(event) {
    if (event.item === null) return `${sentence(event.actor)} did \u201c${event.action}\u201d.`;
    const verb = {create: "created", edit: "changed", delete: "deleted"}[event.action];
    return `${sentence(event.actor)} ${verb} ${event.kind === null ? "" : `the ${event.kind} `}${event.item}.`;
  }

  function crossing(outcome) {
    const {event, after} = outcome, reached = steps.reached(outcome);
    if (steps.isUndone(outcome)) return "The rules undid it.";
    const there = reached.map(partner => {
      const changes = changesOn(outcome, partner).filter(one => partner !== event.actor || one.item !== event.item);
      const said = changes.map(one => one.sign === "\u2212" ? `${one.item} is gone` : `${one.item}${one.says ? `: ${one.says}` : ""}`);
      return said.length ? `${ticketOf(partner)} (${said.join("; ")})` : ticketOf(partner);
    });
    if (there.length) return `${event.item === null ? "Crossed over to" : "It reached"} ${there.join(" and ")}.`;
    if (event.item === null) return after.items.size ? "Nothing crossed over." : "";
    const partner = other(event.actor), item = after.items.get(event.item), view = item ? steps.shown(item, partner) : null;
    const still = view === null ? `does not show ${event.item}` : `shows ${event.item} as it was: ${described(view)}`;
    return `Nothing crossed over: ${ticketOf(partner)} ${still}.`;
  }

  function told(outcome) {
    return outcome.notified.length ? `Told: ${counted(outcome.notified)}.` : "";
  }

  function links(outcome) {  // what became of links by which nothing reached anybody just now: cut, ended, or something waits
    const groups = new Map(), reached = new Set((outcome.outcomes ?? [outcome]).flatMap(steps.reached));
    const crossed = new Set([...reached].flatMap(one => changesOn(outcome, one).map(change => change.item)));
    for (const item of outcome.after.items.values()) {
      const was = outcome.before.items.get(item.name), isShown = partners.some(one => steps.shown(item, one) !== null);
      if (item.link === (was?.link ?? rules.link.initial) || item.link === rules.alone || !isShown) continue;
      if (crossed.has(item.name) && !rules.link.states[item.link].final) continue;
      const lacking = outcome.event?.item ? [] : partners.filter(one => steps.shown(item, one) === null), key = JSON.stringify([item.link, linkSays(item), lacking]);
      groups.set(key, [...(groups.get(key) ?? []), item.name]);
    }
    return [...groups].map(([key, names]) => {
      const [link, about, lacking] = JSON.parse(key), shows = lacking.map(one => `; ${ticketOf(one)} does not show ${names.length === 1 ? "it" : "them"}`);
      const few = names.length > 5 ? [...names.slice(0, 4), `${names.length - 4} others`] : names;
      return `The ${names.length === 1 ? "link" : "links"} of ${enumerated(few)} ${names.length === 1 ? "is" : "are"} now ${link}${about && ` (${about})`}${shows.join("")}.`;
    });
  }

  function linkSays(item) {  // what it means that its link is as it is, with the partners' names for their parts
    const names = {[`the other ${words.partner.one}`]: other(item.owner), "the owner": item.owner}, about = rules.link.states[item.link].about;
    return about && within(Object.entries(names).reduce((text, [part, name]) => text.replace(new RegExp(`\\b${part}\\b`, "gi"), name), about));
  }

  function stays({event, before, after}) {  // why what was changed does not cross over: its link was cut, or had ended, before
    const item = after.items.get(event.item), state = item && rules.link.states[item.link];
    return state?.final && before.items.get(event.item)?.link === item.link ? `The link of ${event.item} stays ${item.link}${state.about ? ` (${linkSays(item)})` : ""}.` : "";
  }

  function marks(outcome) {  // how new copies are marked where their originals are not, and the statement that says so, or the gap that leaves it open
    const found = new Map();
    for (const item of outcome.after.items.values()) {
      if (item.copy === null || outcome.before.items.get(item.name)?.copy) continue;
      const isOf = hit => hit.row.then.fields && hit.actual.every(([fact, value]) => (fact !== "owner" || value === item.owner) && (fact !== "kind" || value === item.original.kind));
      const hit = outcome.hits.find(isOf), [field] = (hit?.row.then.fields ?? []).find(([name, value]) => value === true && item.original.fields[name] === false) ?? [];
      const show = rules.shows.find(one => one.field === field && !one.negated), sources = hit?.row.sources ?? [];
      const behind = sources.find(name => rules.open.includes(name)) ?? sources.find(name => rules.statements.includes(name));
      if (!show || !behind) continue;
      const key = JSON.stringify([item.owner, show.name, behind]);
      found.set(key, [...found.get(key) ?? [], item.name]);
    }
    return [...found].map(([key, names]) => {
      const [owner, show, behind] = JSON.parse(key), are = names.length === 1 ? "is" : "are";
      const open = rules.open.includes(behind) ? `so these rules have it, though the vendor\u2019s ${words.page.one} leaves open ` : "";
      return `There ${enumerated(names)} ${are} \u201c${label(show)}\u201d, though not on ${ticketOf(owner)}: ${open}${within(rules.cited[behind])} (${behind}).`;
    });
  }

  function tell(outcome) {  // in a few plain sentences
    if (outcome.events) return tellRound(outcome);
    if (outcome.refused !== null) return `Refused: ${files.words(outcome.event)}. ${sentence(outcome.refused)}.`;
    if (outcome.defects.length) return `The rules fail here: ${outcome.defects.map(defect).join("; ")}. Nothing was changed.`;
    return [done(outcome.event), ...movesTold(outcome), crossing(outcome), ...marks(outcome), ...links(outcome), stays(outcome), told(outcome)].filter(one => one).join(" ");
  }

  const movesTold = outcome => statusMoves(outcome).map(([was, is]) => `The ${words.status.one} went from ${was} to ${is}.`);

  function brief(outcome) {  // for the head of the page: long texts are cut short, and of a round it says only whether its order matters
    const short = text => text.replace(/\u201c([^\u201d]{50})[^\u201d]{10,}\u201d/g, "\u201c$1\u2026\u201d");
    return outcome.events ? `At once: ${enumerated(outcome.events.map(shortly))}. ${whether(outcome)}${overlap.allOf(outcome).length > 1 ? " They stand side by side below." : ""}` : short(tell(outcome));
  }

  function whether(outcome) {
    const all = overlap.allOf(outcome), orders = all.reduce((sum, one) => sum + one.orders, 0);
    return orders === 1 ? "There is one order only." : all.length === 1 ? `All ${orders} orders come to the same.` : `The order matters: ${all.length} different outcomes.`;
  }

  function tellRound(outcome) {
    const matters = `${whether(outcome)}${overlap.allOf(outcome).length > 1 ? ` Here ${inOrder(outcome)}.` : ""}`;
    const shown = partners.map(partner => [partner, changesOn(outcome, partner)]).filter(([, some]) => some.length);
    const tickets = shown.map(([partner, some]) => `${sentence(ticketOf(partner))}: ${some.map(changed).join("; ")}.`);
    return [`At once: ${enumerated(outcome.events.map(shortly))}.`, matters, ...answers(outcome).map(one => `${sentence(one)}.`), ...movesTold(outcome), ...tickets, ...links(outcome), told(outcome)].filter(one => one).join(" ");
  }

  const changed = one => one.sign === "\u2212" ? `${one.item} is gone` : one.says ? `${one.item}: ${one.says}` : one.item;

  function answers(outcome) {  // of a round: each action that was not done, and why
    return outcome.events.flatMap((event, position) => {
      const one = outcome.outcomes[outcome.order.indexOf(position)];
      if (outcome.answers[position] === "not sent") return [`${shortly(event)} is not sent: this round makes ${event.item}, and it has not arrived`];
      if (one.refused !== null) return [`${shortly(event)} is refused: ${one.refused}`];
      return one.defects.map(found => `the rules fail at ${shortly(event)}: ${defect(found)}`);
    });
  }

  function parted(outcomes) {  // what several outcomes of a round have in common, and what each has besides: [{term, says}]
    const lines = outcomes.map(linesOf), common = lines[0].filter(one => lines.every(others => others.some(other => alike(one, other))));
    const otherwise = new Map(partners.map(partner => [partner, [...new Set(outcomes.flatMap(one => [...one.after.items.keys()]))].filter(name =>
      new Set(outcomes.map(one => JSON.stringify(viewOf(one, name, partner)))).size > 1)]));
    const apart = outcomes.map((outcome, number) => [
      ...lines[number].filter(one => one.partner === undefined && !common.includes(one) && !common.some(other => alike(one, other))),
      ...partners.flatMap(partner => otherwise.get(partner).map(name => ({term: `on ${ticketOf(partner)}`, says: viewOf(outcome, name, partner) === null ? `no ${name}` : `${name}: ${described(viewOf(outcome, name, partner))}`, partner})))]);
    return {common, apart};
  }

  const alike = (one, two) => one.term === two.term && one.says === two.says;
  const viewOf = (outcome, name, partner) => outcome.after.items.has(name) ? steps.shown(outcome.after.items.get(name), partner) : null;

  function linesOf(outcome) {
    const moved = [...outcome.after.items.values()].map(item => [item.name, outcome.before.items.get(item.name)?.link, item.link]).filter(([, was, is]) => was !== is && is !== rules.alone);
    return [
      ...(outcome.events ? answers(outcome) : []).map(says => ({term: "answer", says})),
      ...statusMoves(outcome).map(([was, is]) => ({term: words.status.one, says: `${was} \u2192 ${is}`})),
      ...partners.flatMap(partner => changesOn(outcome, partner).map(one => ({term: `on ${ticketOf(partner)}`, says: `${one.sign} ${one.item} ${one.says}`, partner}))),
      ...moved.map(([name, was, is]) => ({term: "link", says: `${name}: ${was ? `${was} \u2192 ` : ""}${is}`})),
      ...(outcome.notified.length ? [{term: "told", says: counted(outcome.notified)}] : [{term: "told", says: "nobody"}])];
  }

  function defect(one) {
    const about = one.tables.map(name => `\u2018${name}\u2019`).join(", "), rows = one.rows.length ? ` (${one.rows.join(", ")})` : "";
    return {
      undecided: `no row of table ${about} decides this`, ambiguous: `several rows of table ${about} decide this${rows}`,
      scope: `not exactly one of the tables ${about} decides this`, "cannot-fire": `the row${rows} moves the link where it cannot go`,
      property: `the property \u2018${one.broken}\u2019 is broken${rows}`,
    }[one.kind];
  }

  function signal(outcome) {  // a sign between the two tickets, and what it means
    if (outcome.events) {
      const missed = outcome.answers.some(one => one !== "done"), more = overlap.allOf(outcome).length;
      return ["\u21c9", [more === 1 ? "at once, and every order comes to the same" : `at once, and one of ${more} outcomes`, missed && "not all of it was done"].filter(one => one).join("; "), missed ? "bad" : more === 1 ? "good" : ""];
    }
    if (outcome.refused !== null) return ["\u2717", "refused", "bad"];
    if (outcome.defects.length) return ["\u203c", "the rules fail here", "bad"];
    const reached = steps.reached(outcome);
    if (reached.length === 2) return ["\u25c0\u2501\u25b6", `reached both ${words.ticket.many}`, "good"];
    if (reached.length) return [reached[0] === partners[0] ? "\u25c0\u2501\u2501" : "\u2501\u2501\u25b6", `reached ${ticketOf(reached[0])}`, "good"];
    const cut = outcome.event.item !== null && outcome.fired.some(one => one.item !== null && rules.link.states[one.dest].final && outcome.before.items.get(one.item)?.copy);
    return cut ? ["\u2702", "the link was cut, or ended", "bad"] : ["\u2502", "nothing crossed over", ""];
  }

  const value = one => one === null || one === undefined ? "nothing" : one === true ? "yes" : one === false ? "no" : String(one);

  function conditions(hit) {  // every condition of a row: [fact, wanted, actual]
    const actual = new Map(hit.actual);
    return hit.row.when.map(([fact, values]) => [fact, values.map(value).join(" or "), value(actual.get(fact))]);
  }

  function decides(then, role) {  // what a row decides, in short
    const made = then.create, nothing = {permission: "allowed", change: "effect: nothing", notification: "nobody is told", copy: "as the original"}[role];
    const found = [
      role === "change" && !then.effect && nothing,
      then.refuse !== undefined && `refused: ${then.refuse}`, then.fact !== undefined && `${then.fact}: ${value(then.value)}`,
      then.effect && `effect: ${then.effect}`, then.link && `link: ${then.link}`, then.kind && `kind: ${then.kind}`,
      ...(then.fields ?? []).map(([name, one]) => `${label(name)}: ${value(one)}`), then.notify && `notify: ${then.notify.join(", ")}`,
      made && `makes: ${made.kind} of ${made.owner}`, ...(then.move ?? []).map(([whose, state]) => `${whose} goes to ${state}`),
      then.again && "the others are decided again"].filter(one => one);
    return found.length ? found.join("; ") : nothing ?? "nothing else happens";
  }

  function difference({what, one, two, partner, item, events}) {  // what is otherwise under another reading: what is so there, instead of what
    if (what === "answers") {
      const otherwise = one.map((_, position) => position).filter(position => one[position] !== two[position]);
      return otherwise.map(position => `${one.length === 1 ? "it" : shortly(events[position])} is ${two[position]}, instead of ${one[position]}`).join(", ");
    }
    if (what === "status") return `the ${words.status.one} is ${two}, instead of ${one}`;
    if (what === "notified") return [...new Set([...one, ...two])].map(who => toldOtherwise(who, ...[one, two].map(all => all.filter(other => other === who).length))).filter(said => said).join(", ");
    if (two === null) return `${item} is not on ${ticketOf(partner)}`;
    if (one === null) return `${item} is on ${ticketOf(partner)}: ${described(two)}`;
    const keys = Object.keys(two).filter(key => one[key] !== two[key]), of = view => keys.map(key => shownOr(key, view[key])).join(", ");
    return `${ticketOf(partner)} shows ${item} otherwise: ${of(two)}, instead of ${of(one)}`;
  }

  function toldOtherwise(who, one, two) {
    if (one === two) return "";
    return two === 0 ? `${who} is not told` : one === 0 ? `${who} is told${two > 1 ? ` ${times(two)}` : ""}` : `${who} is told ${times(two)}, instead of ${times(one)}`;
  }

  const times = count => count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
  const counted = names => [...new Set(names)].map(who => names.filter(one => one === who).length > 1 ? `${who} ${times(names.filter(one => one === who).length)}` : who).join(", ");

  return {label, flag, ticketOf, sentence, within, setting, shownAs, described, action, did, shortly, inOrder, changesOn, statusMoves, parted, linesOf, linkSays, tell, brief, told, signal, conditions, decides, difference, times, counted, value, NONE};
}
