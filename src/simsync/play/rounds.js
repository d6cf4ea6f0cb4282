"use strict";
// Both at once: a round is put together of actions of either side, and what its orders come to stands side by side.

function roundsOf(page) {
  const {overlap, story, history} = page, MOST_SHOWN = 12;
  const at = id => document.getElementById(id);
  let all = null;  // the outcome of which all others are shown, where there are many

  // ---- putting it together

  function bar() {
    const round = page.round;
    at("open-round").setAttribute("aria-pressed", String(round !== null));
    at("round").hidden = round === null;
    if (round === null) return;
    fill(at("round"),
      h("h2", {tabindex: "-1", "data-key": "round", "data-home": true}, "At once, with nothing in between:"),
      round.length > 0 && h("ol", {}, round.map((event, number) => h("li", {}, `${event.actor}: ${story.action(event)} `,
        h("button", {type: "button", "data-key": `leave|${number}`, onclick: () => page.leaveOut(number), "aria-label": `leave out ${story.shortly(event)}`}, "\u00d7")))),
      h("p", {class: "row"}, h("button", {type: "button", class: "strong", "data-key": "go", "aria-disabled": round.length < 2 ? "true" : null, onclick: () => round.length < 2 ? page.say(wanting(round)) : page.doRound()}, "see what comes of it"),
        h("button", {type: "button", "data-key": "no-round", onclick: () => page.setRound(null)}, "cancel"), h("span", {class: "meta"}, wanting(round))));
  }

  function wanting(round) {
    if (round.length === 0) return "Press two or more actions, of either side.";
    if (round.length === 1) return "One more at least: what happens at the same time?";
    return round.length === overlap.MOST_TOGETHER ? `That is as many as can be looked at: ${round.length}.` : "";
  }

  // ---- what its orders come to

  function outcomes(outcome) {
    const found = overlap.allOf(outcome), total = found.reduce((sum, one) => sum + one.orders, 0), {common, apart} = story.parted(found);
    const shown = found.length > MOST_SHOWN && all !== outcome ? found.slice(0, MOST_SHOWN) : found, rest = found.length - shown.length;
    return h("div", {class: "orders"},
      h("h3", {}, total === 1 ? "In the one order that there is" : found.length === 1 ? `In all ${total} orders` : "Whatever the order"), lines(common, "nothing that is the same in all"),
      found.length > 1 && h("h3", {}, `As the order has it: ${found.length} outcomes`),
      found.length > 1 && h("ol", {class: "ways"}, shown.map((one, number) => way(one, apart[number], total, overlap.isSame(one, outcome), number))),
      rest > 0 && h("p", {}, h("button", {type: "button", onclick: () => { all = outcome; page.redraw(); }}, `show the ${rest} others too`)));
  }

  function way(one, apart, total, here, number) {
    return h("li", {class: here ? "way here" : "way"}, h("h4", {}, story.inOrder(one) || "nothing is sent"),
      one.orders > 1 && h("p", {class: "meta"}, `so come ${one.orders} of ${total} orders; this is the first of them`), lines(apart, "nothing that shows on a ticket"),
      h("p", {}, here ? h("b", {}, "The history goes on from this one.")
        : h("button", {type: "button", "data-key": `way|${number}`, onclick: () => page.takeOrder(one.order)}, "go on from this one instead")));
  }

  function lines(some, none) {  // a term with all that is said under it
    const terms = [...new Set(some.map(one => one.term))];
    if (!terms.length) return h("p", {class: "none"}, none);
    return h("dl", {class: "facts"}, terms.map(term => h("div", {}, h("dt", {}, term), h("dd", {}, some.filter(one => one.term === term).map(one => h("span", {}, one.says))))));
  }

  return {bar, outcomes, lines};
}
