"use strict";
// The page: one history, drawn anew after whatever is done.

function play(data) {
  const {rules, scenarios} = data, at = id => document.getElementById(id);
  const engine = engineOf(rules), steps = stepsOf(engine), files = filesOf(engine, steps, jsyaml), why = whyOf(engine, steps), story = storyOf(engine, steps, files);
  const history = historyOf(engine, steps, rules.status.begin);
  const page = {engine, steps, files, why, story, history, rules, title: "", act, askWhyNot, goTo, read, names, focus};
  page.tickets = ticketsOf(page);
  const panels = panelsOf(page), dialogs = dialogsOf(page, scenarios, begin);
  let asked = null;

  // ---- what can be done

  function act(event, key) {
    history.act(event);
    asked = null;
    draw(story.tell(history.outcomeAt(history.current, history.model)), true);
    if (key) focus(key);
    quiet = document.activeElement;
    at("tip").hidden = true;
  }

  function askWhyNot(event) {  // an action that is refused: why, and what would have to be different
    asked = event && steps.step(history.model, history.world, event);
    panels.happened(asked);
    say(asked ? `Not possible now: ${story.sentence(asked.refused)}.` : "", true);
    if (asked) focus("happened");
  }

  function goTo(node) {
    history.goTo(node);
    asked = null;
    page.tickets.forget();
    draw(node.parent ? `Step ${node.depth}. ${story.tell(history.outcomeAt(node, history.model))}` : "Back at the beginning.", node.parent !== null);
  }

  function read(readings) {
    history.readings = {...readings};
    asked = null;
    const before = history.path().filter(node => history.differences(history.outcomeAt(node, history.baseline), history.outcomeAt(node, history.model)).length);
    draw(before.length ? `Read so, ${before.length === 1 ? "1 step comes" : `${before.length} steps come`} out otherwise than at the start.` : "Read so, nothing comes out otherwise than at the start.");
  }

  function begin({title = "", status, readings = {}, events = [], at: number}) {
    page.title = title;
    page.tickets.forget();
    history.start(status, events, readings);
    asked = null;
    const path = history.path(), to = number === undefined ? path.length : number;
    if (to < path.length) history.goTo(to === 0 ? history.root : path[to - 1]);
    draw(title || events.length ? `Opened: ${title || "a history"}, ${events.length === 1 ? "1 step" : `${events.length} steps`}.` : "Begun anew.");
  }

  function names() {  // every name that is taken on the way to here
    const taken = new Set(history.world.items.keys());
    for (const node of history.path()) if (node.event.action === "create") taken.add(node.event.item);
    return taken;
  }

  // ---- drawing

  function draw(sentence, echo = false) {
    at("tip").hidden = true;
    panels.status();
    page.tickets.render();
    panels.happened(null);
    panels.past();
    panels.readings();
    panels.machines();
    say(sentence, echo);
  }

  function say(sentence, echo = false) {  // an echo stands in whole below, and may be cut short on narrow screens
    at("said").textContent = sentence;
    at("said").className = echo ? "echo" : "";
  }

  function focus(key) {
    const found = [...document.querySelectorAll("[data-key]")];
    (found.find(one => one.dataset.key === key) ?? found.find(one => one.dataset.key === `home|${key.split("|")[1]}`))?.focus();
  }

  const undo = () => history.current.parent && goTo(history.current.parent);
  const redo = () => history.current.last && goTo(history.current.last);

  // ---- why something is greyed, where it stands

  let quiet = null, spot = [];  // what was pressed is silent until it is come to anew, and so is what moved under the pointer then

  function tip(event) {
    if (event.type === "mouseover" && event.clientX === spot[0] && event.clientY === spot[1]) return;
    const greyed = "button[aria-disabled='true']", place = at("tip"), focused = document.activeElement;
    const button = event.target.closest?.(greyed) ?? (focused === quiet ? null : focused.closest(greyed));  // what has the focus keeps its reason
    if (!button?.reason) { place.hidden = true; return; }
    place.textContent = button.reason();
    place.hidden = false;
    const box = button.getBoundingClientRect(), wide = document.documentElement.clientWidth;
    place.style.left = `${Math.max(8, Math.min(box.left, wide - place.offsetWidth - 8)) + window.scrollX}px`;
    place.style.top = `${box.bottom + 6 + window.scrollY}px`;
  }

  document.addEventListener("focusin", tip);
  document.addEventListener("mouseover", tip);
  document.addEventListener("click", pressed => { spot = [pressed.clientX, pressed.clientY]; }, true);
  at("undo").addEventListener("click", undo);
  at("redo").addEventListener("click", redo);
  document.addEventListener("keydown", pressed => {
    if (pressed.key === "Escape") at("tip").hidden = true;
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
