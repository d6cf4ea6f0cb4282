"use strict";
// The page: one history, drawn anew after whatever is done.

function play(data) {
  const {rules, scenarios} = data, at = id => document.getElementById(id);
  const engine = engineOf(rules), steps = stepsOf(engine), overlap = overlapOf(steps), files = filesOf(engine, steps, overlap, jsyaml);
  const why = whyOf(engine, steps), story = storyOf(engine, steps, overlap, files), history = historyOf(engine, steps, overlap, rules.status.begin);
  const page = {engine, steps, overlap, files, why, story, history, rules, title: "", round: null, act, askWhyNot, goTo, read, names, focus, say, planned, readAndDo, setRound, leaveOut, doRound, takeOrder, redraw};
  page.tickets = ticketsOf(page);
  page.rounds = roundsOf(page);
  page.readings = readingsOf(page);
  page.instead = insteadOf(page);
  const panels = panelsOf(page), dialogs = dialogsOf(page, scenarios, begin);
  let asked = null;

  // ---- what can be done

  function act(event, key, more = "") {
    if (page.round) return addToRound(event, key);
    did(overlap.stageOf([event]), key, more);
  }

  function did(stage, key, more = "") {
    history.act(stage);
    asked = null;
    draw(`${story.brief(history.outcomeAt(history.current, history.model))}${more && ` ${more}`}`);
    if (key) focus(key);
    hush();
  }

  function hush() {  // no reason is shown for what was just pressed
    quiet = document.activeElement;
    at("tip").hidden = true;
  }

  // ---- both at once: page.round has the events of the round that is being put together, null where there is none

  function setRound(events, sentence) {
    page.round = events;
    page.tickets.forget();
    draw(sentence ?? (events ? "Now press what both do at the same time: two or more actions, of either side." : "As it was: one after the other."));
    if (events) focus("round");
    else at("open-round").focus();
  }

  function addToRound(event, key) {
    if (page.round.length === overlap.MOST_TOGETHER) return say(`${page.round.length} actions are as many as can be looked at together.`);
    page.round = [...page.round, event];
    draw(`${page.round.length} at once: ${page.round.map(story.shortly).join("; ")}.`);
    if (key) focus(key);
    hush();
  }

  function leaveOut(number) {  // an action, and what is done to what it would have made
    const gone = page.round[number], stays = (event, at) => at !== number && !(gone.action === "create" && event.item === gone.item);
    page.round = page.round.filter(stays);
    draw(`${story.shortly(gone)} is left out.`);
    focus("round");
  }

  function doRound() {
    const stage = overlap.stageOf(page.round);
    page.round = null;
    page.tickets.forget();
    did(stage, "happened");
  }

  function takeOrder(order) {
    history.takeOrder(order);
    asked = null;
    page.tickets.forget();
    draw(story.brief(history.outcomeAt(history.current, history.model)));
    focus("happened");
  }

  function planned(actor, item) {  // what the actions of an actor in the round set of an item
    return Object.assign({}, ...(page.round ?? []).filter(one => one.actor === actor && one.item === item && one.action !== "delete").map(one => one.fields));
  }

  function askWhyNot(event) {  // an action that is refused: why, and what would have to be different
    asked = event && steps.step(history.model, history.world, event);
    panels.happened(asked);
    page.readings.panel(asked);
    say(asked ? `Not possible now: \u201c${story.shortly(asked.event)}\u201d. Why, and what would have to be different, stands under the ${rules.words.ticket.many}.` : "");
    if (asked) focus("happened");
  }

  function goTo(node) {
    history.goTo(node);
    there("step");
  }

  function there(what) {  // where going back, going on, undoing or redoing led to
    const {current: node, model} = history;
    [asked, page.round] = [null, null];
    page.tickets.forget();
    draw(what === "reading" ? readSo() : node.parent ? `Step ${node.depth}. ${story.brief(history.outcomeAt(node, model))}` : "Back at the beginning.");
  }

  function read(readings) {
    const wanted = asked?.event;
    history.read({...readings});
    asked = null;
    const possible = wanted && !steps.isRefused(history.model, history.world, wanted);
    draw(`${readSo()}${possible ? ` Now it is possible, ${story.shortly(wanted)}.` : ""}`);
    if (possible) focus(keyOf(wanted));
    if (document.activeElement === document.body) focus("as-begun");  // what was pressed may be gone
  }

  function readAndDo(readings) {  // what was asked for is done, or its form opened
    const wanted = keyOf(asked.event);
    read(readings);
    find(wanted).click();
    if (!document.querySelector("form.act")) focus("happened");
  }

  function readSo() {
    const names = rules.order.readings.filter(name => history.model.readings[name] !== history.baseline.readings[name]);
    const count = history.path().filter(node => history.apart(node).length).length;
    if (!names.length) return "Read as at the start again.";
    const here = history.apart(history.current).map(story.difference).join("; ");
    return count ? `Read so, ${count === 1 ? "1 step comes" : `${count} steps come`} out otherwise than at the start.${here && ` Here: ${here}.`}` : "Read so, nothing comes out otherwise than at the start.";
  }

  const keyOf = ({action, actor, item, kind}) => item === null ? `act|${actor}|${action}` : `${action}|${actor}|${action === "create" ? kind : item}`;

  function begin({title = "", status, readings = {}, stages = [], at: number}) {
    page.title = title;
    page.tickets.forget();
    history.start(status, stages, readings);
    [asked, page.round] = [null, null];
    const path = history.path(), to = number === undefined ? path.length : number;
    if (to < path.length) history.goTo(to === 0 ? history.root : path[to - 1]);
    draw(title || stages.length ? `Opened: ${title || "a history"}, ${stages.length === 1 ? "1 step" : `${stages.length} steps`}.` : "Begun anew.");
  }

  function names() {  // every name that is taken on the way to here
    const taken = new Set(history.world.items.keys());
    const done = [...history.path().flatMap(node => node.stage.events), ...page.round ?? []];
    for (const event of done) if (event.action === "create") taken.add(event.item);
    return taken;
  }

  // ---- drawing

  function draw(sentence) {
    redraw();
    say(sentence);
  }

  function redraw() {
    at("tip").hidden = true;
    panels.status();
    page.rounds.bar();
    page.tickets.render();
    panels.happened(null);
    panels.past();
    page.readings.panel();
    panels.machines();
  }

  function say(sentence) {  // and what happened does not show the same once more
    const lead = document.querySelector("#happened .lead");
    at("said").textContent = sentence;
    lead?.classList.toggle("told", lead.textContent !== "" && sentence.includes(lead.textContent));
  }

  const find = key => [...document.querySelectorAll("[data-key]")].find(one => one.dataset.key === key);

  function focus(key) {
    (find(key) ?? find(`home|${key.split("|")[1]}`))?.focus();
  }

  const undo = () => page.round ? page.round.length ? leaveOut(page.round.length - 1) : setRound(null) : led(history.undo());
  const redo = () => led(history.redo()), led = what => what && there(what);

  // ---- why something is greyed, where it stands

  let quiet = null, spot = [];  // what was pressed is silent until it is come to anew, and so is what moved under the pointer then

  function tip(event) {
    if (event.type === "mouseover" && event.clientX === spot[0] && event.clientY === spot[1]) return;
    const greyed = "button[aria-describedby='tip']", place = at("tip"), focused = document.activeElement;
    const button = event.target.closest?.(greyed) ?? (focused === quiet ? null : focused.closest(greyed));  // what has the focus keeps its reason
    if (!button?.reason) { place.hidden = true; return; }
    place.textContent = button.reason();
    place.hidden = false;
    const box = button.getBoundingClientRect(), wide = document.documentElement.clientWidth;
    place.style.left = `${Math.max(8, Math.min(box.left, wide - place.offsetWidth - 8)) + window.scrollX}px`;
    place.style.top = `${box.bottom + 6 + window.scrollY}px`;
  }

  function across(pressed) {  // to a ticket, and from a button of a ticket to the same of the other
    const from = pressed.target.closest(".ticket :is(button, h2)[data-key]"), [what, , ...rest] = from?.dataset.key.split("|") ?? ["home"];
    if (!from && pressed.target !== document.body || pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.shiftKey) return;
    pressed.preventDefault();
    focus([what, engine.partners[pressed.key === "ArrowLeft" ? 0 : 1], ...rest].join("|"));
  }

  function initial(pressed) {  // within a ticket, a letter leads to the next of its buttons that begins with it, to greyed ones last
    const ticket = pressed.target.closest(".ticket"), letter = pressed.key.toLowerCase();
    if (!ticket || !/^\p{L}$/u.test(letter) || pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.target.closest("input, textarea, select")) return;
    const all = [...ticket.querySelectorAll("button")], from = all.indexOf(pressed.target) + 1;
    const greyed = one => one.getAttribute("aria-disabled") === "true", begins = one => one.textContent.toLowerCase().startsWith(letter);
    const greyedLast = some => [...some.filter(one => !greyed(one)), ...some.filter(greyed)].filter(begins);
    const round = greyedLast(all), here = round.indexOf(pressed.target);
    const next = here < 0 ? greyedLast([...all.slice(from), ...all.slice(0, from)])[0] : round[(here + 1) % round.length];
    if (!next) return;
    pressed.preventDefault();
    next.focus();
  }

  document.addEventListener("focusin", tip);
  document.addEventListener("mouseover", tip);
  document.addEventListener("click", pressed => { spot = [pressed.clientX, pressed.clientY]; }, true);
  at("undo").addEventListener("click", undo);
  at("redo").addEventListener("click", redo);
  at("open-round").addEventListener("click", () => setRound(page.round ? null : []));
  document.addEventListener("keydown", pressed => {
    if (pressed.key === "Escape") at("tip").hidden = true;
    if (pressed.key === "ArrowLeft" || pressed.key === "ArrowRight") return across(pressed);
    initial(pressed);
    if (!(pressed.ctrlKey || pressed.metaKey) || pressed.target.closest("input, textarea, select, dialog")) return;
    const wanted = pressed.key.toLowerCase() === "y" || (pressed.key.toLowerCase() === "z" && pressed.shiftKey) ? redo : pressed.key.toLowerCase() === "z" ? undo : null;
    if (wanted) { pressed.preventDefault(); wanted(); }
  });

  // ---- the beginning: what the link holds, else what the page was made with

  function openLink() {
    if (location.hash.length < 2 || at(location.hash.slice(1))) return false;
    try {
      begin(files.fromFragment(location.hash.slice(1)));
      return true;
    } catch (error) {
      begin({status: rules.status.begin});
      say(`This link cannot be opened: ${error.message}.`);
      return true;
    }
  }

  window.addEventListener("hashchange", openLink);
  if (!openLink()) {
    const first = data.first === null ? null : scenarios[data.first];
    begin(first ? dialogs.opened(first) : {status: rules.status.begin, readings: data.readings});
    if (!first) say(panels.beginning);
  }
  return page;
}
