"use strict";
// The two tickets side by side: what each shows, and what can be done there.

function ticketsOf(page) {
  const {engine, steps, files, story, history, rules} = page, {partners, other} = engine, words = rules.words;
  let form = null;  // the one that is open: {event, settable}

  const kept = keeping();  // what is as it was is left alone

  // ---- buttons

  function button(event, text, key, onclick, named = () => event) {  // greyed where it would be refused; why is said once it has the focus
    const refused = steps.isRefused(history.model, history.world, event), open = refused && page.round !== null;
    return kept(`button|${key}`, [refused, open, ...Object.values(event.fields)], () => buttonOf(event, text, key, onclick, named, refused, open));
  }

  function buttonOf(event, text, key, onclick, named, refused, open) {
    const made = h("button", {type: "button", "data-key": key, class: open ? "perhaps" : null, "aria-disabled": refused && !open ? "true" : null, "aria-describedby": refused ? "tip" : null}, text);
    made.addEventListener("click", () => refused && !open ? page.askWhyNot(named()) : onclick());
    const why = () => story.sentence(steps.step(history.model, history.world, event).refused);
    if (refused) made.reason = () => open ? `As things stand it would be refused; after another action of the round perhaps not. ${why()}.` : `${why()}. Press it to see what would have to be different.`;
    return made;
  }

  function statusActions(actor) {
    const triggers = [...new Set(rules.machines.flatMap(one => one.transitions).filter(t => t.actors.includes(actor)).map(t => t.trigger))];
    return triggers.map(action => {
      const event = {actor, action, item: null, kind: null, fields: {}};
      return button(event, action, `act|${actor}|${action}`, () => page.act(event));
    });
  }

  const defaults = names => Object.fromEntries(names.map(name => [name, rules.fields[name].default]));

  const freshName = kind => files.handleFor("", page.names(), kind);

  function creations(partner) {
    return rules.order.kinds.map(kind => {
      const settable = rules.settable.create[kind], event = {actor: partner, action: "create", item: " ", kind, fields: defaults(settable)};
      return button(event, kind, `create|${partner}|${kind}`, () => open({event: {...event, item: freshName(kind)}, settable}), () => ({...event, item: freshName(kind)}));
    });
  }

  function changes(partner, item) {
    const settable = files.settable({actor: partner, action: "edit"}, item.owner, item.original.kind);
    const now = {...steps.entryOn(item, partner).fields, ...page.planned(partner, item.name)};
    const edit = {actor: partner, action: "edit", item: item.name, kind: null, fields: Object.fromEntries(settable.map(name => [name, now[name] ?? rules.fields[name].default]))};
    const drop = {...edit, action: "delete", fields: {}};
    return [
      settable.length > 0 && button(edit, ["edit", hidden(` ${item.name}`)], `edit|${partner}|${item.name}`, () => open({event: edit, settable})),
      button(drop, ["delete", hidden(` ${item.name}`)], `delete|${partner}|${item.name}`, () => page.act(drop, `create|${partner}|${steps.entryOn(item, partner).kind}`)),
    ];
  }

  const hidden = text => h("span", {class: "told"}, text);

  // ---- a form: what a creation or an edit sets

  function open(one) {
    form = one;
    render();
    const first = document.querySelector("form.act :is(input, textarea, select):not([name=' name'])");
    first?.focus();
    first?.select?.();
    document.querySelector("form.act")?.scrollIntoView({block: "nearest"});
  }

  function close(key) {
    form = null;
    render();
    page.focus(key);
  }

  function fieldOf(name, value) {
    const id = `field-${files.acting.indexOf(form.event.actor)}-${name.replace(/\W/g, "-")}`, values = rules.fields[name].values, label = story.label(name);
    if (story.flag(values)) return h("p", {}, h("input", {type: "checkbox", id, name, checked: value}), h("label", {for: id}, label));
    const control = values.length ? h("select", {id, name}, values.map(one => h("option", {value: String(one), selected: one === value}, String(one))))
      : h("textarea", {id, name, rows: 2, value, onkeydown: sendOnEnter});
    return h("p", {class: values.length ? "" : "wide"}, h("label", {for: id}, label), control);
  }

  function sendOnEnter(pressed) {
    if (pressed.key !== "Enter" || pressed.shiftKey || pressed.isComposing) return;
    pressed.preventDefault();
    pressed.target.form.requestSubmit();
  }

  function formOf() {
    const {event, settable} = form, creates = event.action === "create", key = creates ? `create|${event.actor}|${event.kind}` : `edit|${event.actor}|${event.item}`;
    const problem = h("p", {class: "bad", role: "alert"});
    const name = creates && h("p", {class: "wide"}, h("label", {for: "item-name"}, "handle"), h("input", {id: "item-name", name: " name", value: event.item, autocomplete: "off", size: 8, "aria-describedby": "item-name-says"}),
      h("small", {id: "item-name-says"}, ` what it goes by here and in scenarios; no ${words.ticket.one} shows it`));
    const about = creates && rules.kindsAbout[event.kind], says = about && h("p", {class: "meta wide"}, `${story.sentence(event.kind)}: ${about}`);
    return h("form", {
      class: "act", "aria-label": creates ? `create: ${event.kind}` : `edit: ${event.item}`,
      onkeydown: pressed => pressed.key === "Escape" && close(key),
      onsubmit: sent => { sent.preventDefault(); problem.textContent = submit(sent.target) ?? ""; },
    }, says, settable.map(one => fieldOf(one, event.fields[one])), name, problem,
    h("p", {class: "row"}, h("button", {type: "submit", class: "strong"}, page.round ? "add to the round" : creates ? `create ${event.kind}` : `save ${event.item}`), h("button", {type: "button", onclick: () => close(key)}, "cancel")));
  }

  function submit(sent) {  // do it; what is wrong with it as a sentence
    const {event, settable} = form, given = {};
    for (const name of settable) {
      const control = sent.elements[name], value = control.type === "checkbox" ? control.checked : files.valueOf(name, control.value);
      const before = event.action === "create" ? rules.fields[name].default : event.fields[name];
      if (value !== before) given[name] = value;
    }
    if (event.action === "edit" && !Object.keys(given).length) return "Nothing is changed yet: an edit changes at least one field.";
    const wanted = event.action === "create" ? sent.elements[" name"].value.trim() : "";
    form = null;
    if (event.action === "create") createAs(wanted, event, given);
    else page.act({...event, fields: given}, `edit|${event.actor}|${event.item}`);
    return null;
  }

  function createAs(wanted, event, given) {  // what cannot be its handle is what it is called, where nothing else is said
    const item = files.handleFor(wanted, page.names(), event.kind), [text] = files.freeTexts(event.kind).filter(name => rules.settable.create[event.kind].includes(name));
    const told = wanted && item !== wanted ? `It goes by ${item} here${page.names().has(wanted) ? `, since ${wanted} is an earlier one` : ""}.` : "";
    if (told && text !== undefined && !(text in given)) given = {...given, [text]: wanted};
    page.act({...event, item, fields: given}, `edit|${event.actor}|${item}`, told);
  }

  // ---- what a ticket shows

  function flags(item, partner, view) {
    return rules.shows.filter(show => (show.ticket === null || show.ticket === partner) && (show.ticket === partner || show.name in view)).map(show => {
      const values = rules.fields[show.field].values, label = story.label(show.name);
      if (!values.length) return null;
      if (!(show.name in view)) return h("li", {class: "unsaid"}, `${label}: not said, since no \u2018${show.field}\u2019 belongs to it`);
      if (!story.flag(values)) return h("li", {}, `${label}: ${view[show.name]}`);
      return h("li", {class: view[show.name] ? "yes" : "no"}, h("b", {"aria-hidden": "true"}, view[show.name] ? "\u2713 " : "\u2013 "), view[show.name] ? label : `${label}: no`);
    });
  }

  function texts(view) {
    return rules.shows.filter(show => show.name in view && !rules.fields[show.field].values.length)
      .map(show => view[show.name] === "" ? h("p", {class: "none"}, `no ${story.label(show.name)}`) : h("p", {class: "text"}, `\u201c${view[show.name]}\u201d`));
  }

  function apart(item, partner, view) {  // what the ticket shows as things are read at the start, if that is otherwise
    if (history.model === history.baseline) return null;
    const there = history.worldAt(history.current, history.baseline).items.get(item.name), was = there ? steps.shown(there, partner) : null;
    if (JSON.stringify(was) === JSON.stringify(view)) return null;
    return h("p", {class: "apart"}, h("b", {}, "\u2260 "), was === null ? `as read at the start, ${item.name} is not here` : `as read at the start: ${story.described(was)}`);
  }

  const isFresh = name => history.current.stage?.events.some(event => event.item === name) ?? false;

  function card(item, partner) {
    const fresh = isFresh(item.name), opened = form?.event.actor === partner && form.event.item === item.name ? form : null;
    const now = [item, history.world.status, history.model, history.baseline, fresh, opened, apartFrom(item), page.round];
    return kept(`card|${partner}|${item.name}`, now, () => cardOf(item, partner));
  }

  const apartFrom = item => history.model === history.baseline ? null : history.worldAt(history.current, history.baseline).items.get(item.name);

  function followsPlainly(item) {  // whether both tickets show the same texts, and go on doing so: that says itself
    const views = partners.map(one => steps.shown(item, one)), texts = rules.shows.filter(show => !rules.fields[show.field].values.length);
    return !rules.link.states[item.link].final && views.every(one => one !== null) && texts.every(show => views[0][show.name] === views[1][show.name]);
  }

  function cardOf(item, partner) {
    const view = steps.shown(item, partner);
    if (view === null) {
      const ghost = steps.shown(item, other(partner)) !== null, otherwise = apart(item, partner, view);
      return (ghost || otherwise) && h("li", {class: "ghost"}, `${item.name} is not on this ${words.ticket.one}`, otherwise);
    }
    const link = rules.link.states[item.link], own = item.owner === partner, said = flags(item, partner, view).filter(one => one);
    const isOpen = form && form.event.actor === partner && form.event.item === item.name && form.event.action === "edit";
    return h("li", {class: isFresh(item.name) ? "item fresh" : "item"},
      h("h3", {}, item.name, " ", h("small", {}, view.kind)),
      h("p", {class: "meta"}, own ? `its own ${words.item.one}` : `copy of ${other(partner)}\u2019s`, item.link !== rules.alone && [", link: ", h("b", {}, item.link), !followsPlainly(item) && link.about && ` (${story.linkSays(item)})`]),
      texts(view), said.length > 0 && h("ul", {class: "flags"}, said), apart(item, partner, view),
      isOpen ? formOf() : h("p", {class: "row"}, changes(partner, item)));
  }

  function planned(partner) {  // what the partner makes in the round that is being put together: it can go on with it
    const made = (page.round ?? []).filter(event => event.action === "create" && event.actor === partner);
    return made.map(event => {
      const settable = rules.settable.edit[event.kind], values = {...defaults(settable), ...event.fields, ...page.planned(partner, event.item)};
      const edit = {actor: partner, action: "edit", item: event.item, kind: null, fields: values}, drop = {...edit, action: "delete", fields: {}};
      const isOpen = form?.event.action === "edit" && form.event.actor === partner && form.event.item === event.item;
      return h("li", {class: "ghost"}, `${event.item} is made in this round `, isOpen ? formOf() : h("span", {class: "row"},
        settable.length > 0 && h("button", {type: "button", "data-key": `edit|${partner}|${event.item}`, onclick: () => open({event: edit, settable})}, ["edit", hidden(` ${event.item}`)]),
        h("button", {type: "button", "data-key": `delete|${partner}|${event.item}`, onclick: () => page.act(drop, `home|${partner}`)}, ["delete", hidden(` ${event.item}`)])));
    });
  }

  const places = partners.map((partner, number) => ({
    place: document.getElementById(`ticket-${number}`), list: h("ul", {class: "items"}), acts: h("p", {class: "row acts"}), adds: h("p", {class: "row"}),
    who: rules.partners[partner] && h("p", {class: "meta"}, `${story.sentence(partner)}: ${story.within(rules.partners[partner])}.`),
    none: h("p", {class: "none"}, `This ${words.ticket.one} shows no ${words.item.one}.`),
    about: rules.shows.filter(show => show.about && (show.ticket === null || show.ticket === partner)).map(show => h("p", {class: "meta"}, h("b", {}, story.label(show.name)), `: ${story.within(show.about)}`))}));
  const labels = partners.map(partner => ({can: h("span", {class: "what"}, `${partner} can`), add: h("span", {class: "what"}, "add")}));

  function ticket(partner, {place, list, acts, adds, none, about, who}, {can, add}) {
    const there = engine.phases[steps.phaseOf(history.world.status)].tickets.includes(partner), some = statusActions(partner);
    const items = [...[...history.world.items.values()].map(item => card(item, partner)), ...planned(partner)].filter(one => one);
    fill(list, items);
    fill(acts, can, some);
    const creating = form && form.event.actor === partner && form.event.action === "create";
    if (!creating) fill(adds, add, creations(partner));
    fill(place,
      kept(`title|${partner}`, [there], () => h("h2", {tabindex: "-1", "data-key": `home|${partner}`, "data-home": true}, story.ticketOf(partner), !there && h("small", {}, ` (has no ${words.ticket.one} now)`))),
      who, some.length && acts, items.length ? [about, list] : none, rules.order.kinds.length && (creating ? formOf() : adds));
  }

  function render() {
    partners.forEach((partner, number) => ticket(partner, places[number], labels[number]));
  }

  return {render, statusActions, forget: () => { form = null; }};
}
