"use strict";
// What happened and why, the history, and the two machines with the path so far.

function panelsOf(page) {
  const {engine, steps, story, history, rules} = page, words = rules.words;
  const at = id => document.getElementById(id), kept = keeping();
  const list = (title, lines, of = "ul") => lines.length > 0 && [h("h3", {}, title), h(of, {}, lines.map(one => h("li", {}, one)))];

  // ---- what happened

  function happened(asked) {
    const outcome = asked ?? (history.current.parent && history.outcomeAt(history.current, history.model));
    if (!outcome) return fill(at("happened"), heading("What happens"), h("p", {class: "none"}, "Each step is told here: what crossed over, who is told, and why."));
    if (asked) return impossible(outcome);
    fill(at("happened"), heading(`What happened in step ${history.current.depth}${outcome.events ? ", all at once" : ""}`), h("p", {class: "lead"}, outcome.events ? story.brief(outcome) : story.tell(outcome)),
      crossed(outcome), page.instead.panel(outcome, false), because(outcome), parted());
  }

  function impossible(outcome) {  // an action that was asked for: why not, what would make it possible, and last to have the refusal on record
    fill(at("happened"), heading(`Not possible now: ${story.shortly(outcome.event)}`), h("p", {class: "lead"}, `${story.sentence(outcome.refused)}.`),
      page.instead.panel(outcome, true), because(outcome),
      h("p", {class: "row"}, h("button", {type: "button", onclick: () => page.askWhyNot(null)}, "close"), h("button", {type: "button", "data-key": "all-the-same", onclick: () => page.act(outcome.event)}, "do it all the same, and keep the refusal in the history")));
  }

  const heading = text => h("h2", {tabindex: "-1", "data-key": "happened", "data-home": true}, text);
  const beginning = `Do something on a ${words.ticket.one}: write ${words.item.a}, or act on the ${words.status.one}.`;

  function crossed(outcome) {
    if (outcome.events) return page.rounds.outcomes(outcome);
    if (outcome.refused !== null || outcome.defects.length) return null;
    const changes = engine.partners.map(partner => [partner, story.changesOn(outcome, partner)]);
    const links = [...outcome.after.items.values()].map(item => [item.name, outcome.before.items.get(item.name)?.link, item.link]).filter(([, was, is]) => was !== is && is !== rules.alone);
    return h("dl", {class: "facts"},
      changes.map(([partner, some]) => some.length > 0 && pair(`on ${story.ticketOf(partner)}`, some.map(one => h("span", {class: {"+": "add", "~": "mod"}[one.sign] ?? "del"}, `${one.sign} ${one.item} ${one.says}`)))),
      pair("told", outcome.notified.length ? toldWhom(outcome.notified) : ["nobody"]),
      links.length > 0 && pair("link", links.map(([name, was, is]) => h("span", {title: story.linkSays(outcome.after.items.get(name))}, `${name}: ${was ? `${was} \u2192 ` : ""}${is}`))));
  }

  function toldWhom(names) {  // each with how often, now and so far, and who it is
    const sofar = history.told(history.current, history.model);
    return [...new Set(names)].map(who => h("span", {}, story.counted(names.filter(one => one === who)), `, ${story.times(sofar.get(who))} so far`, rules.recipients[who] && h("small", {}, ` (${rules.recipients[who].replace(/\.$/, "")})`)));
  }

  const pair = (term, said) => h("div", {}, h("dt", {}, term), h("dd", {}, said));

  function because(outcome) {
    const done = outcome.outcomes ?? [outcome], cited = new Set(done.flatMap(one => [...one.moved?.transition.sources ?? [], ...one.hits.flatMap(hit => hit.row.sources)]));
    if (done.every(one => !one.hits.length && !one.moved)) return null;
    const place = h("div", {}), fillIn = () => place.childNodes.length || place.append(...[done.map(one => [outcome.events && h("h3", {}, story.shortly(one.event)), rowsOf(one)]), list("As it is read", page.readings.depends(done)), list("It rests on", [...cited].map(name => [h("b", {}, name), ` ${rules.cited[name] ?? ""}`]))].flat(Infinity).filter(one => one));
    const made = h("details", {class: "because", ontoggle: () => made.open && fillIn()}, h("summary", {"data-key": "because"}, "Why: the rows, every condition, the readings, the statements"), place);
    return made;
  }

  function rowsOf({hits, moved}) {
    const seen = new Set(), once = hits.filter(hit => !seen.has(hit.row.id) && seen.add(hit.row.id));
    return [moved && h("p", {}, h("b", {class: "rule"}, moved.transition.declared.join(", ")), ` ${moved.source} \u2192 ${moved.dest}`), h("div", {class: "hits"}, once.map(rowTable))];
  }

  function rowTable(hit) {
    const table = rules.tables.find(one => one.name === hit.table), question = table?.question ?? "", lines = story.conditions(hit);
    return h("div", {class: "hit"}, h("p", {}, h("b", {class: "rule"}, hit.row.id), ` ${question} `, h("b", {class: "then"}, story.decides(hit.row.then, table?.decides)), " ", h("small", {}, hit.row.sources.join(" "))),
      lines.length > 0 && h("table", {}, h("thead", {}, h("tr", {}, ["condition", "wanted", "was"].map(one => h("th", {scope: "col"}, one)))),
        h("tbody", {}, lines.map(([fact, wanted, was]) => h("tr", {}, h("th", {scope: "row"}, fact), h("td", {}, wanted), h("td", {}, was))))));
  }

  function parted() {
    const found = history.apart(history.current).map(story.difference);
    return h("div", {class: "parted"}, list("Otherwise than as read at the start", found));
  }

  // ---- the history

  let drawn = [];  // the lines of the history as they stand: those that stay the same are left alone

  function past() {
    const here = history.current, place = at("steps"), {model, baseline} = history;
    const lines = history.line().map((node, number) => {
      const before = drawn[number], now = [node, model, baseline, node === here ? "here" : node.depth > here.depth ? "later" : "", node.parent.children.length];
      if (before && now.every((one, part) => one === before.now[part])) return before;
      const made = lineOf(node, now[3]);
      if (before) replace(before.made, made);
      else place.append(made);
      return {now, made};
    });
    for (const gone of drawn.slice(lines.length)) gone.made.remove();
    drawn = lines;
    at("begun").textContent = [page.title, history.root.status === rules.alone ? "" : `at the beginning: ${history.root.status}`].filter(one => one).join(", ");
    const told = [...history.told(here, history.model)];
    at("totals").textContent = told.length ? `Told so far: ${told.map(([who, count]) => `${who} ${story.times(count)}`).join(", ")}.` : here.parent ? "Nobody was told anything so far." : "";
    at("undo").setAttribute("aria-disabled", String(!history.canUndo));
    at("redo").setAttribute("aria-disabled", String(!history.canRedo));
  }

  function replace(old, made) {  // and keep the focus
    const focused = old.contains(document.activeElement);
    old.replaceWith(made);
    if (focused) made.querySelector("button").focus();
  }

  function lineOf(node, sort) {
    const outcome = history.outcomeAt(node, history.model), others = node.parent.children.filter(one => one !== node), differs = history.apart(node).length > 0;
    const [sign, meaning, mood] = story.signal(outcome);
    return h("li", {class: sort},
      h("button", {type: "button", "data-key": `step|${node.depth}`, "aria-current": sort === "here" ? "step" : null, onclick: () => page.goTo(node)},
        h("span", {class: "n"}, `${node.depth}`), h("span", {class: "did"}, story.did(node.stage)),
        differs && h("span", {class: "apart"}, "\u2260 otherwise "), h("span", {class: `sig ${mood}`, role: "img", "aria-label": meaning, title: meaning}, sign)),
      h("p", {class: "paper-only"}, story.tell(outcome)),
      others.length > 0 && h("p", {class: "branches"}, "instead: ", others.map(one => h("button", {type: "button", onclick: () => page.goTo(one)}, story.did(one.stage)))));
  }

  // ---- the machines, with the path so far

  function machines() {
    const trail = history.trail(history.current, history.model), moves = [...trail.taken.values()], states = rules.status.states, now = history.world.status;
    const statuses = [...trail.statuses, now];
    const parts = status => Object.keys(states[status].parts).length ? states[status].parts : {"": status};
    for (const one of rules.machines) {
      const of = status => Object.entries(parts(status)).filter(([key]) => key === "" || one.keys.includes(key)).map(([, state]) => state);
      const taken = moves.filter(move => move.item === null).flatMap(move => of(move.source).flatMap((source, number) => arrows(source, of(move.dest)[number], move.transition.declared)));
      mark(one.name, new Set(statuses.flatMap(of)), new Set(of(now)), new Set(taken));
    }
    const items = [...history.world.items.values()], links = moves.filter(one => one.item !== null);
    mark(rules.link.name, trail.links, new Set(items.map(one => one.link)), new Set(links.flatMap(one => arrows(one.source, one.dest, [one.transition.id]))));
    const said = at("links");
    if (said) said.textContent = items.length ? items.map(one => `${one.name}: ${one.link}`).join(", ") : `There is no ${words.item.one} yet.`;
  }

  const arrows = (source, dest, ids) => ids.map(id => JSON.stringify([source, dest, id]));

  function mark(machine, been, here, taken) {
    const picture = pictures.get(machine), now = here.size ? `now: ${[...here].join(", ")}` : "", shown = [[...been], [...here], [...taken]].map(some => some.sort().join("\n")).join("\n\n");
    if (!picture || picture.shown === shown) return;  // a picture is touched where something in it is otherwise
    for (const [one, state] of picture.states) {
      one.classList.toggle("been", been.has(state));
      one.classList.toggle("now", here.has(state));
      if (here.has(state)) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    }
    for (const [one, ids] of picture.arrows) one.classList.toggle("went", ids.some(id => taken.has(id)));
    picture.said.textContent = machine === rules.link.name ? "" : now;
    picture.shown = shown;
    for (const [one, state] of picture.states) if (here.has(state)) centre(one);
  }

  function centre(spot) {  // a picture that is wider than its place is moved, and not the page
    const pan = spot.closest(".pan");
    if (!pan || pan.scrollWidth <= pan.clientWidth) return;
    const [here, frame] = [spot, pan].map(one => one.getBoundingClientRect());
    pan.scrollLeft += here.left + here.width / 2 - frame.left - frame.width / 2;
  }

  const pictures = new Map([...document.querySelectorAll("[data-machine]")].map(figure => [figure.dataset.machine, {
    shown: null, said: figure.querySelector("[data-here]"), states: [...figure.querySelectorAll("[data-state]")].map(one => [one, one.dataset.state]),
    arrows: [...figure.querySelectorAll("[data-refs]")].map(one => [one, one.dataset.refs.split("\n").map(id => JSON.stringify([one.dataset.from, one.dataset.to, id]))])}]));

  function jump() {  // on narrow screens: to either ticket, with what the last step did there
    const outcome = history.current.parent && history.outcomeAt(history.current, history.model);
    fill(at("jump"), engine.partners.map(partner => {
      const changes = outcome ? story.changesOn(outcome, partner).map(one => `${one.sign} ${one.item}`) : [];
      return h("button", {type: "button", "data-key": `jump|${partner}`, onclick: () => page.focus(`home|${partner}`)}, story.ticketOf(partner), changes.length > 0 && h("b", {}, ` ${changes.slice(0, 3).join(", ")}${changes.length > 3 ? " \u2026" : ""}`));
    }));
  }

  const narrow = matchMedia("(max-width: 40rem)");
  if (narrow.matches) for (const one of document.querySelectorAll(".picture")) one.open = false;
  for (const one of document.querySelectorAll(".picture")) one.addEventListener("toggle", () => one.querySelectorAll(".now").forEach(centre));

  function status() {
    jump();
    const states = rules.status.states, now = history.world.status, parts = Object.entries(states[now].parts), phase = steps.phaseOf(now);
    const acts = rules.order.actors.map(actor => [actor, page.tickets.statusActions(actor)]);
    fill(at("status"), now !== rules.alone && kept("status", [now], () => h("p", {}, h("span", {class: "what"}, words.status.one), (parts.length ? parts : [["", now]]).map(([key, state]) => h("b", {class: "state"}, key ? `${key}: ${state}` : state)),
      !parts.length && h("small", {}, `synchronization: ${phase}`, engine.phases[phase].about && h("span", {class: "about"}, `. ${engine.phases[phase].about}`)))),
    acts.map(([actor, some]) => some.length > 0 && kept(`acts|${actor}`, some, () => h("p", {class: "row acts"}, h("span", {class: "what"}, `${actor} can`), some))));
  }

  return {beginning, happened, past, machines, status};
}
