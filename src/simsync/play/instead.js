"use strict";
// What would have to be different for another outcome, in sentences; a reading that would do it can be chosen.

function insteadOf(page) {
  const {engine, steps, story, why, history, rules} = page, {other} = engine, words = rules.words;
  const MOST = 12, MOST_VALUES = 6, TITLES = {refused: "What would have to be different, for it to be possible", done: "What would have to be different, for it to be refused"};
  const either = all => (all.length > MOST_VALUES ? [...all.slice(0, MOST_VALUES - 1), `${all.length - MOST_VALUES + 1} others`] : all).map(story.value).join(" or "), bare = text => text.replace(/\.$/, "");

  function panel(outcome, asked) {  // worked out as it is unfolded
    if (outcome.events || outcome.defects.length) return null;
    const place = h("div", {}), refused = outcome.refused !== null;
    const work = () => place.childNodes.length || place.append(...told(outcome, asked));
    const made = h("details", {class: "instead", ontoggle: () => made.open && work()},
      h("summary", {"data-key": "instead"}, TITLES[why.verdictOf(outcome)] ?? "What would have to be different, for something else to come of it"), place);
    if (refused) { work(); made.open = true; }
    return made;
  }

  function told(outcome, asked) {
    const refused = outcome.refused !== null, found = why.flips(outcome), read = found.filter(isReading);
    const options = refused ? history.allowing(outcome.event, asked ? history.current : history.current.parent) : read.map(({changes: [[name, , option]]}) => ({name, option}));
    const facts = sentences(outcome, found.filter(one => !isReading(one))), shown = facts.slice(0, MOST);
    if (facts.length > MOST) shown.push([`and ${facts.length - MOST} more`]);
    if (!options.length && !facts.length) return [h("p", {class: "none"}, "No three facts or readings together would change it.")];
    return [
      ...options.length ? [h("p", {}, refused ? "Read otherwise, it would be possible:" : "Read otherwise, something else would come of it:"), h("ul", {class: "options"}, options.map(one => h("li", {}, option(one, asked))))] : [],
      ...facts.length ? [h("ul", {}, shown.map(one => h("li", {}, one)))] : []];
  }

  function option(one, asked) {  // a question, its other answer, and what would come of that
    const {question, options} = rules.readings[one.name];
    if (!one.outcome) return [question, " ", page.readings.optionOf(one)];
    return [h("p", {}, question, " ", h("b", {}, options[one.option])), h("p", {class: "meta"}, "What would then happen:"), page.rounds.lines(story.linesOf(one.outcome)),
      h("p", {class: "row"}, page.readings.optionOf(one, asked ? "read it so, and do it" : "read it so", asked ? page.readAndDo : page.read))];
  }

  const isReading = ({changes}) => changes.length === 1 && changes[0][0] in rules.readings;

  function sentences(outcome, found) {  // those that differ in the value of one fact only are one
    const groups = new Map();
    for (const {changes, becomes} of found) {
      const key = JSON.stringify([becomes, ...changes.length === 1 ? [changes[0][0]] : changes]), facts = groups.get(key)?.changes ?? changes.map(([fact, now]) => [fact, now, []]);
      facts.forEach((one, number) => one[2].push(changes[number][2]));
      groups.set(key, {changes: facts, becomes});
    }
    return [...groups.values()].map(({changes, becomes}) => `${comes(outcome, becomes)} if ${changes.map(one => condition(outcome, ...one)).join(" and ")}`);
  }

  function comes(outcome, becomes) {
    if (becomes === "refused") return "It would be refused";
    if (becomes === "done") return "It would be done";
    const reaches = becomes === "synced" ? `reach the other ${words.ticket.one}` : `not reach the other ${words.ticket.one}`;
    return outcome.refused === null ? `It would ${reaches}` : `It would be done, and ${reaches},`;
  }

  function condition(outcome, fact, now, thens) {
    const {event, before} = outcome, item = event.item, owner = before.items.get(item)?.owner ?? event.actor, [then] = thens, not = then === true || then === "present" ? "" : "not ";
    const shows = (partner, what, so) => so ? `${story.ticketOf(partner)} showed ${what}` : `${story.ticketOf(partner)} did not show ${what}`;
    if (fact in rules.readings) return `it were read so: ${rules.readings[fact].question} ${either(thens.map(one => bare(rules.readings[fact].options[one])))}`;
    if (fact === "status") return `the ${words.status.one} were ${either(thens)} (it is ${now})`;
    if (fact.endsWith(".status")) return `the ${words.status.one} ${fact.slice(0, -".status".length)} were ${either(thens)} (it is ${now})`;
    if (fact === "phase") return phase(before.status, now, thens);
    if (fact === "link") return `the link of ${item} were ${either(thens)} (it is ${now})`;
    if (fact === "actor") return `${then} did it`;
    if (fact === "by") return then === "owner" ? `${owner} did it, to whom ${item} belongs` : `${other(owner)} did it, to whom ${item} does not belong`;
    if (fact === "shown") return shows(event.actor, item, then);
    if (fact === "copy") return shows(other(owner), item, then === "present");
    if (fact === "kind") return `the kind of ${item} were ${either(thens)} (it is ${now})`;
    if (steps.ofPresence(fact)) return presence(event, fact, then, shows);
    const memory = rules.memories.find(one => one.name === fact);
    if (memory) return `this were ${not}so of ${item}: ${bare(memory.about || fact)}`;
    return thens.length === 1 && typeof then === "boolean" ? `${item} were ${not}${story.label(fact)}` : `the ${story.label(fact)} of ${item} were ${either(thens)} (it is ${story.value(now)})`;
  }

  function phase(status, now, thens) {  // by the statuses in which it is so, where these are not many
    const states = rules.order.states.filter(one => thens.includes(steps.phaseOf(one)));
    if (states.length <= MOST_VALUES) return `the ${words.status.one} were ${either(states)} (it is ${status})`;
    return `synchronization were ${thens.length > 2 ? either([thens[0], `${thens.length - 1} others`]) : either(thens)} (it is ${now})`;
  }

  function presence(event, fact, then, shows) {  // whether a ticket shows any item of a kind
    const dot = fact.indexOf("."), side = fact.slice(0, dot), partner = {here: event.actor, there: other(event.actor)}[side] ?? side;
    return shows(partner, `any ${fact.slice(dot + 1 + "any ".length)}`, then);
  }

  return {panel};
}
