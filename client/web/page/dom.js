/*  dom.js - making and keeping elements. Text goes in as text; there is no way here to put in HTML.  */

export const $ = (id) => document.getElementById(id);

/*  An element; props are attributes, but on: {event: function} and key, and false leaves an attribute out.
    Children are elements and texts.  */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") for (const [event, run] of Object.entries(value)) element.addEventListener(event, run);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/*  Set what is said, only where it is something else: a screen reader reads it again else.  */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/*  Make the children of parent those of rows, each {key, ...}. An element whose row is the same as before stays as it
    is; leaving (element) is called before one goes. The focus goes on to what takes the place of its element.  */
export function list(parent, rows, same, draw, leaving = () => {}) {
  const old = new Map();
  for (const element of parent.children) old.set(element.dataset.key, element);
  let at = parent.firstElementChild;
  for (const row of rows) {
    let element = old.get(row.key);
    old.delete(row.key);
    if (element && !same(element.row, row)) {
      leaving(element);
      const fresh = draw(row), focused = element.contains(document.activeElement);
      if (at === element) at = fresh;
      element.replaceWith(fresh);
      fresh.tabIndex = element.tabIndex;
      if (focused) (fresh.tabIndex >= 0 || fresh.hasAttribute("tabindex") ? fresh : fresh.querySelector("a, button"))?.focus({ preventScroll: true });
      element = fresh;
    }
    element ??= draw(row);
    element.row = row;
    element.dataset.key = row.key;
    if (element === at) at = at.nextElementSibling;
    else parent.insertBefore(element, at);
  }
  for (const element of old.values()) {
    leaving(element);
    element.remove();
  }
}

/*  Fill in the words of the page itself: data-t is text, data-label what a screen reader says.  */
export function localise(t, language) {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(element.dataset.label));
    if (element.tagName === "BUTTON") element.title = t(element.dataset.label);
  }
}
