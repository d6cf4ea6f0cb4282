"use strict";
// Elements, made without any HTML in texts: what a user writes stays text.

function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value") made.value = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter(one => one !== null && one !== undefined && one !== false && one !== ""));
  return made;
}

function fill(place, ...children) {  // exchange what is in a place, leave alone what stays, and the focus where it was
  const key = place.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const wanted = children.flat(Infinity).filter(one => one), staying = new Set(wanted);
  for (const one of [...place.childNodes]) if (!staying.has(one)) one.remove();
  wanted.forEach((one, number) => place.childNodes[number] !== one && place.insertBefore(one, place.childNodes[number] ?? null));
  if (key === undefined || place.contains(document.activeElement)) return;
  const again = [...place.querySelectorAll("[data-key]")].find(one => one.dataset.key === key);
  (again ?? place.querySelector("[data-home]") ?? place).focus();
}

function keeping() {  // gives again what it made for a key, as long as it would be made of the same
  const known = new Map();
  return (key, parts, make) => {
    const last = known.get(key);
    if (last && last.parts.length === parts.length && parts.every((one, number) => one === last.parts[number])) return last.made;
    const made = make();
    known.set(key, {parts, made});
    return made;
  };
}
