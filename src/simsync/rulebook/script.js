"use strict";
(() => {
  const $ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, text, attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  // what is cited says itself when it is pointed at: the page has each text once
  const says = (cite) => document.getElementById(decodeURIComponent(cite.hash.slice(1)))?.dataset.say ?? "";
  for (const kind of ["pointerover", "focusin"])
    addEventListener(kind, (event) => {
      const cite = event.target.closest?.("a.cite");
      if (cite && !cite.title) cite.title = says(cite);
    });

  // where there are many scenarios, each is filled in when it is unfolded
  const fill = (scenario) => {
    const body = scenario.querySelector(":scope > template");
    if (body) body.replaceWith(body.content);
  };
  for (const one of $("details.scenario"))
    one.addEventListener("toggle", () => { if (one.open) fill(one); });

  // what a link leads to is unfolded
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    if (target) target.scrollIntoView(target.matches(".edge") ? { block: "center", inline: "center" } : undefined);
    if (target?.matches(".edge")) target.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();

  // everything is unfolded on paper
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = $("details:not([open]):not(.uses)");
    for (const one of folded) { one.open = true; fill(one); }
  });
  addEventListener("afterprint", () => { for (const one of folded) one.open = false; });
  for (const button of $("button[data-all]"))
    button.addEventListener("click", () => { for (const one of $("details.scenario")) one.open = !!button.dataset.all; });

  // diagrams are zoomed by buttons, or by the wheel with Ctrl
  for (const figure of $("figure[data-zoom]")) {
    const svg = figure.querySelector("svg"), pan = figure.querySelector(".pan");
    const by = (factor) => {
      if (!factor) return figure.style.setProperty("--wide", "100%");
      const wide = Math.min(6000, Math.max(300, svg.getBoundingClientRect().width * factor));
      const [x, y] = [(pan.scrollLeft + pan.clientWidth / 2) * factor, (pan.scrollTop + pan.clientHeight / 2) * factor];
      figure.style.setProperty("--wide", `${wide}px`);
      pan.scrollTo(x - pan.clientWidth / 2, y - pan.clientHeight / 2);
    };
    for (const button of $("button", figure)) button.addEventListener("click", () => by(Number(button.dataset.by)));
    pan.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      by(event.deltaY < 0 ? 1.15 : 1 / 1.15);
    }, { passive: false });
  }

  // an arrow tells its rows and what they rest on
  const panel = document.getElementById("panel"), told = panel.querySelector("div");
  let shown = null, pinned = false;
  const close = () => {
    if (shown) shown.classList.remove("on");
    panel.hidden = true; shown = null; pinned = false;
  };
  const row = (anchor) => {
    const part = make("div", "", { class: "row" }), line = document.getElementById(anchor);
    part.append(make("a", line.dataset.find, { href: `#${anchor}`, class: "rule" }), make("span", ` ${line.dataset.sort}`));
    const cells = $("td[data-label]", line).filter((td) => !("any" in td.dataset) && !td.querySelector("a, details") && !td.classList.contains("id"));
    part.append(make("p", cells.map((td) => `${td.dataset.label}: ${td.textContent.trim()}`).join("; ")));
    for (const cite of $("a.cite", line)) {
      const line = make("p", "");
      line.append(make("a", cite.textContent, { href: cite.getAttribute("href") }), ` ${says(cite)}`);
      part.append(line);
    }
    return part;
  };
  const tell = (edge) => {
    if (shown === edge) return;
    close();
    told.replaceChildren(make("h2", edge.dataset.title), ...edge.dataset.refs.split(" ").map(row));
    const box = edge.getBoundingClientRect();
    panel.classList.toggle("left", box.left + box.width / 2 > innerWidth / 2);
    panel.hidden = false; shown = edge;
    edge.classList.add("on");
  };
  for (const edge of $(".edge[data-refs]")) {
    edge.addEventListener("pointerenter", () => { if (!pinned) tell(edge); });
    edge.addEventListener("focus", () => { if (!pinned) tell(edge); });
    const pin = () => { pinned = false; tell(edge); pinned = true; };
    edge.addEventListener("click", pin);
    edge.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      pin();
      panel.querySelector("a").focus();
    });
  }
  panel.querySelector(".close").addEventListener("click", close);

  // search
  const field = document.getElementById("search"), found = document.getElementById("found"), count = document.getElementById("told");
  let index = null, at = -1;
  const hidden = (one) => one.querySelector(":scope > template")?.content.textContent ?? "";
  const build = () => $("[data-find]").map((one) => ({
    id: one.id, name: one.dataset.find, sort: one.dataset.sort,
    lower: one.dataset.find.toLowerCase(),
    text: (one.tagName === "H3" ? one.dataset.find : one.textContent + hidden(one)).replace(/\s+/g, " ").toLowerCase(),
    say: one.dataset.say || "",
  }));
  const score = (entry, words) => {
    let sum = 0;
    for (const word of words) {
      if (entry.lower === word) sum += 100;
      else if (entry.lower.startsWith(word)) sum += 20;
      else if (entry.lower.includes(word)) sum += 10;
      else if (entry.text.includes(word)) sum += 1;
      else return 0;
    }
    return sum;
  };
  const choose = (number) => {
    const links = $("a", found);
    at = Math.max(-1, Math.min(links.length - 1, number));
    links.forEach((link, n) => link.setAttribute("aria-selected", n === at));
    field.setAttribute("aria-activedescendant", at < 0 ? "" : links[at].id);
    if (at >= 0) links[at].scrollIntoView({ block: "nearest" });
  };
  const fold = () => { found.hidden = true; field.setAttribute("aria-expanded", "false"); };
  const search = () => {
    close();
    index ??= build();
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) { count.textContent = ""; return fold(); }
    const hits = index.map((entry) => [score(entry, words), entry]).filter(([sum]) => sum).sort((a, b) => b[0] - a[0]);
    found.replaceChildren(...hits.slice(0, 50).map(([, entry], n) => {
      const link = make("a", entry.name, { href: `#${entry.id}`, role: "option", id: `hit-${n}`, tabindex: "-1", "aria-selected": "false" });
      link.append(make("small", entry.sort + (entry.say ? `: ${entry.say}` : "")));
      return link;
    }));
    if (!hits.length) found.replaceChildren(make("p", "Nothing found.", { class: "none", style: "padding: 0 1rem" }));
    count.textContent = `${hits.length} found`;
    found.hidden = false;
    field.setAttribute("aria-expanded", "true");
    choose(hits.length ? 0 : -1);
  };
  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      $("a", found)[at].click();
    }
  });
  found.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    fold();
    field.blur();
    if (link.hash === location.hash) reveal();
    const target = document.getElementById(link.hash.slice(1));
    if (target) setTimeout(() => (target.querySelector(":scope > summary") || target).focus({ preventScroll: true }));
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") { close(); fold(); }
    const typing = /^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); field.focus(); field.select(); }
  });
  addEventListener("click", (event) => { if (!event.target.closest("header")) fold(); });
})();
