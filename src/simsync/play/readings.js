"use strict";
// The readings: those that matter for what was done, and all of them to choose from; the plain words first, the names after.

function readingsOf(page) {
  const {steps, story, history, rules} = page, at = id => document.getElementById(id), kept = keeping();
  const names = rules.order.readings;
  const code = text => h("small", {class: "code"}, text);
  const asRead = (name, option) => [rules.readings[name].question, " ", h("b", {}, rules.readings[name].options[option]), " ", code(`${name}=${option}`)];

  function optionOf({name, option}, text = rules.readings[name].options[option], press = page.read) {  // press it, and the history is done again so
    return h("button", {type: "button", class: "option", "data-key": `matter|${name}|${option}`, onclick: () => press({...history.readings, [name]: option})}, text, " ", code(`${name}=${option}`));
  }

  const depends = outcomes => [...new Set(outcomes.flatMap(steps.readingsBehind))].map(name => asRead(name, history.model.readings[name]));

  // ---- those that matter

  function panel(asked = null) {
    const matter = new Map();
    if (!names.length) return;
    for (const one of history.mattering()) matter.set(one.name, [...(matter.get(one.name) ?? []), one]);
    const allowing = asked ? history.allowing(asked.event) : [], later = [...history.behind()].filter(([name]) => !matter.has(name));
    const changed = names.filter(name => history.model.readings[name] !== history.baseline.readings[name]);
    const elsewhere = changed.filter(name => !matter.has(name));
    fill(at("matter"),
      changed.length > 0 && h("div", {class: "apart"}, h("p", {}, "\u2260 Read otherwise than at the start. ", `${stepsApart()} `, h("button", {type: "button", "data-key": "as-begun", onclick: () => page.read(history.given)}, "as at the start")),
        elsewhere.length > 0 && h("ul", {}, elsewhere.map(name => h("li", {}, asRead(name, history.model.readings[name]))))),
      allowing.length > 0 && h("p", {}, `Read otherwise, \u201c${story.shortly(asked.event)}\u201d would be possible: see \u201cNot possible now\u201d.`),
      !history.current.parent ? h("p", {class: "none"}, "Once something was done, those that matter for it stand here.")
        : matter.size ? [h("p", {}, "What was done would show something else if these were read otherwise:"), [...matter].map(([name, some]) => kept(`matter|${name}`, [history.model, history.baseline, ...some.map(one => one.last)], () => question(name, some)))]
        : h("p", {class: "none"}, `${asked ? "For what was done so far, none matters" : "None matters for what was done so far"}: with another answer to any one of them, the same is seen.`),
      open(),
      later.length > 0 && h("div", {class: "meta"}, h("p", {}, "These decide something too, but nothing of it is to be seen so far:"), h("ul", {}, later.map(([name, node]) => h("li", {}, `${rules.readings[name].question} (step ${node.depth}) `, code(name))))));
    const marked = new Set([...matter.keys(), ...allowing.map(one => one.name)]);
    fill(at("switches"), names.map(name => kept(`switch|${name}`, [history.model.readings[name], marked.has(name)], () => switchOf(name, marked.has(name)))));
  }

  function open() {  // what no answer changes, and is no more certain for that
    const found = [...history.unsettled()];
    return found.length > 0 && h("div", {class: "open"}, h("p", {}, `It also rests on what the vendor\u2019s ${rules.words.page.one} leaves open, and no reading covers:`),
      h("ul", {}, found.map(([name, node]) => h("li", {}, h("b", {}, name), ` (step ${node.depth}): ${rules.cited[name]}`))));
  }

  function stepsApart() {
    const count = history.path().filter(node => history.apart(node).length).length;
    return count ? `${count === 1 ? "1 step comes" : `${count} steps come`} out otherwise.` : "Nothing comes out otherwise so far.";
  }

  function question(name, some) {
    const now = history.model.readings[name], otherwise = now !== history.baseline.readings[name];
    return h("div", {class: "question"}, h("h3", {}, rules.readings[name].question), h("p", {class: otherwise ? "apart" : "meta"}, `${otherwise ? "\u2260 Now, otherwise than at the start" : "Now"}: ${rules.readings[name].options[now]} `, otherwise && code(`${name}=${now}`)),
      some.map(({option, last}) => [h("p", {}, optionOf({name, option})), places(last)]));
  }

  function places(last) {  // every step where it would, the first ones with what would be otherwise
    const found = [];
    for (let one = last; one; one = one.before) if (one.number <= 3 || one === last) found.unshift(one);
    const skipped = found.length > 3 ? last.number - 4 : 0;
    return h("ul", {}, found.map((one, number) => h("li", {}, number === 3 && skipped > 0 && `${skipped} more, and `,
      h("button", {type: "button", class: "step", onclick: () => page.goTo(one.at)}, `step ${one.at.depth}`), `: ${one.found.map(story.difference).join("; ")}`)));
  }

  // ---- all of them

  function switchOf(name, matters) {
    const reading = rules.readings[name], chosen = history.model.readings[name], group = `reading-${names.indexOf(name)}`;
    return h("fieldset", {class: "reading"}, h("legend", {}, reading.question, " ", code(name), matters && h("b", {class: "mark"}, " matters here")),
      rules.order.options[name].map((option, number) => h("p", {}, h("input", {type: "radio", id: `${group}-${number}`, name: group, checked: option === chosen, "data-key": `switch|${name}|${option}`, onchange: () => page.read({...history.readings, [name]: option})}),
        h("label", {for: `${group}-${number}`}, reading.options[option], " ", code(option)))),
      reading.evidence && h("details", {class: "evidence"}, h("summary", {"data-key": `evidence|${name}`}, "What speaks for which", h("span", {class: "told"}, `: ${reading.question}`)), h("p", {}, reading.evidence),
        h("ul", {}, reading.sources.map(one => h("li", {}, h("b", {}, one), ` ${rules.cited[one]}`)))));
  }

  return {panel, optionOf, depends};
}
