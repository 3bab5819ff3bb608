/**
 * Makes elements. A text given as a child or as an attribute stays a text: nothing here, and nothing else in the console,
 * makes markup of data (the server's Content-Security-Policy with Trusted Types would not let it).
 */

/** These are set as properties, since the attribute with the same name means something else or is not enough. */
const PROPERTIES = new Set(['value', 'checked', 'disabled', 'selected', 'indeterminate', 'htmlFor', 'open', 'required']);

/**
 * @param tag the element's name
 * @param attributes by name; null, undefined and false leave one out, a function under "on…" listens
 * @param children nodes, texts, numbers, lists of them; null and false are left out
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    set(element, name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) {
    return;
  }
  if (typeof value === 'function') {
    element.addEventListener(name.slice(2), value);
  } else if (PROPERTIES.has(name)) {
    element[name] = value;
  } else if (name === 'href' && !/^(#|\/(?!\/))/.test(value)) {
    throw new Error(`links lead within the console only, not to ${value}`);
  } else {
    element.setAttribute(name, value === true ? '' : value);
  }
}

const SVG = 'http://www.w3.org/2000/svg';

const ICONS = {
  overview: 'M3 12h4l3-8 4 16 3-8h4',
  webhooks: 'M8 15a3.5 3.5 0 1 0 3 3h6M17 8a3.5 3.5 0 1 0-5 2l-4 6M18 21a3.5 3.5 0 1 0-2-6l-4-6',
  deliveries: 'M21 3 3 10l7 4 4 7zM21 3 10 14',
  dead: 'M12 4 2.5 20h19zM12 10v4M12 17v.01',
  replays: 'M4 4v6h6M4.500 15a8 8 0 1 0 1.500-8.500L4 10',
  parked: 'M5 3v18M5 4h9a4.500 4.500 0 0 1 0 9H5',
  events: 'M9 6h11M9 12h11M9 18h11M4.500 6h.01M4.500 12h.01M4.500 18h.01',
};

/** A drawing beside a word that says the same. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  for (const [key, value] of Object.entries({ viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' })) {
    svg.setAttribute(key, value);
  }
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** Replaces the content of a container, and gives the focus back to the same link or button if it was inside. */
export function refill(container, ...children) {
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  const same = (one) => one.tagName === focused.tagName && one.textContent === focused.textContent
    && one.getAttribute('href') === focused.getAttribute('href');
  container.replaceChildren(...children.flat(Infinity).filter(Boolean));
  if (focused && !container.contains(focused)) {
    [...container.querySelectorAll(focused.tagName)].find(same)?.focus();
  }
  return container;
}
