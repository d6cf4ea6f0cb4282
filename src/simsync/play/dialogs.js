"use strict";
// Beginning anew, opening and saving scenarios, and a link that holds the history.

function dialogsOf(page, scenarios, begin) {
  const {files, history, overlap, rules, story} = page, at = id => document.getElementById(id);
  const opened = ({title, status, readings, stages}) => ({title, ...files.fromData(status, readings, stages)});

  // ---- begin

  const statuses = rules.order.states;
  fill(at("begin-status"), statuses.map(one => h("option", {value: one, selected: one === rules.status.begin}, one)));
  at("open-begin").addEventListener("click", () => at("begin").showModal());
  at("begin-here").addEventListener("click", () => done("begin", () => begin({status: at("begin-status").value, readings: history.readings})));

  function listed() {
    const wanted = at("find-scenario").value.trim().toLowerCase(), groups = new Map();
    scenarios.forEach((one, number) => {
      if (`${one.title} ${one.file}`.toLowerCase().includes(wanted)) groups.set(one.file, [...(groups.get(one.file) ?? []), h("option", {value: String(number)}, one.title)]);
    });
    fill(at("scenario"), [...groups].map(([file, options]) => h("optgroup", {label: file}, options)));
    at("scenario").selectedIndex = groups.size ? 0 : -1;
  }

  if (scenarios.length) {
    listed();
    at("find-scenario").addEventListener("input", listed);
    at("open-scenario").addEventListener("click", () => {
      const one = scenarios[at("scenario").value];
      if (one) done("begin", () => begin(opened(one)));
    });
    at("scenario").addEventListener("dblclick", () => at("open-scenario").click());
  }

  function done(id, what) {
    at(id).close();
    what();
    page.focus("happened");
  }

  at("file").addEventListener("change", async () => {
    const [file] = at("file").files, problem = at("file-problem");
    if (!file) return;
    problem.textContent = "";
    try {
      const found = files.read(await file.text());
      if (found.length === 1) done("begin", () => begin(found[0]));
      else fill(at("found"), h("p", {}, `${found.length} scenarios are in this file:`), h("ul", {}, found.map(one => h("li", {}, h("button", {type: "button", onclick: () => done("begin", () => begin(one))}, one.title)))));
    } catch (error) {
      problem.textContent = `${story.sentence(error.message)}.`;
    }
    at("file").value = "";
  });

  // ---- save

  function made() {  // {made, doubts}
    const chosen = {};
    for (const [name, option] of Object.entries(history.model.readings)) if (option !== rules.order.options[name][0] || name in history.given) chosen[name] = option;
    return files.document(at("save-title").value.trim() || "What was done", history.root.status, chosen, history.model, at("save-order").checked ? history.path().flatMap(inTurn) : history.path().map(node => node.stage));
  }

  const inTurn = node => {  // what was done at once, one after the other as the history took it
    const {order} = history.outcomeAt(node, history.model), {events} = node.stage;
    return order ? order.map(position => overlap.stageOf([events[position]])) : [node.stage];
  };

  function show() {
    const {made: scenario, doubts} = made();
    at("save-text").value = files.asText(scenario);
    at("save-doubts").textContent = doubts.length ? `simsync run follows every order of what was done at once, not only the one that was gone on from, and so this scenario will fail: ${doubts.join("; ")}.` : "";
  }

  at("open-save").addEventListener("click", () => {
    if (!history.current.parent) { page.goTo(history.root); at("said").textContent = "There is nothing to save yet: a scenario has a step at least."; return; }
    at("save-title").value = page.title;
    at("save-order").checked = false;
    at("in-turn").hidden = history.path().every(node => node.stage.events.length === 1);
    show();
    at("save").showModal();
  });
  at("save-title").addEventListener("input", show);
  at("save-order").addEventListener("change", show);
  at("download").addEventListener("click", () => {
    const name = (at("save-title").value.trim() || "scenario").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_|_$/g, "").slice(0, 60);
    const url = URL.createObjectURL(new Blob([at("save-text").value], {type: "text/yaml"})), link = h("a", {href: url, download: `${name || "scenario"}.yaml`});
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  });
  at("copy-text").addEventListener("click", () => copy(at("save-text"), at("save-told")));

  // ---- a link

  at("open-link").addEventListener("click", () => {
    const line = history.line(), chosen = {...history.given, ...history.readings};
    const said = files.fragment(history.root.status, chosen, line.map(node => node.stage), history.current.depth === line.length ? undefined : history.current.depth);
    at("link-text").value = `${location.href.split("#")[0]}#${said}`;
    at("link").showModal();
    at("link-text").select();
  });
  at("copy-link").addEventListener("click", () => copy(at("link-text"), at("link-told")));

  async function copy(control, told) {
    control.select();
    try {
      await navigator.clipboard.writeText(control.value);
      told.textContent = "Copied.";
    } catch {
      told.textContent = "It is selected: copy it with Ctrl+C.";
    }
  }

  for (const one of document.querySelectorAll("dialog [data-close]")) one.addEventListener("click", () => one.closest("dialog").close());
  return {opened};
}
