/** Parts that several pages share. */
import { h } from './dom.js';

/** A coloured word; the colour says nothing that the word does not. */
export const badge = (kind, text) => h('span', { class: `badge ${kind}` }, text);

const STATES = {
  delivered: 'ok', pending: 'info', dead: 'bad', cancelled: 'idle',
  running: 'info', paused: 'warn', done: 'ok', queued: 'info', dispatched: 'ok', dropped: 'idle', parked: 'bad',
};

export const state = (word) => badge(STATES[word] ?? 'idle', word);

export const status = (code) => (code === null ? badge('bad', 'no response')
  : badge(code >= 200 && code < 300 ? 'ok' : 'bad', `HTTP ${code}`));

/** The head of a page: its name, its actions, and a line below. */
export const head = (title, { actions = [], below = null, above = null } = {}) => h('div', { class: 'head' },
  h('div', { class: 'titles' }, above && h('p', { class: 'above' }, above), h('h1', { tabindex: '-1' }, title),
    below && h('div', { class: 'below' }, below)),
  actions.length > 0 && h('div', { class: 'actions' }, actions));

export const card = (title, ...content) => h('section', { class: 'card' }, title && h('h2', null, title), content);

/** For an empty list: the reason, and the next thing to do. */
export const empty = (title, text, ...actions) => h('div', { class: 'empty' },
  h('p', { class: 'strong' }, title), h('p', null, text), actions.length > 0 && h('div', { class: 'actions' }, actions));

/** @param text or a list of texts and elements */
export const alertBox = (text, ...more) => h('div', { class: 'alert', role: 'alert' }, h('p', null, text), more);

export const note = (...content) => h('div', { class: 'note' }, content);

export const linkButton = (href, text, kind = '') => h('a', { class: `button ${kind}`, href }, text);

/** One number with its name. */
export const tile = (name, value, { kind = '', below = null, href = null } = {}) => h(href ? 'a' : 'div', { class: `tile ${kind}`, href },
  h('span', { class: 'name' }, name), h('span', { class: 'value' }, value), h('span', { class: 'below' }, below ?? '\u00a0'));

/** Pairs of a name and a value. */
export const facts = (...pairs) => h('dl', { class: 'facts' },
  pairs.filter(Boolean).map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));

/**
 * A button whose work takes a moment: it cannot be pressed twice, and an error is shown beside it.
 *
 * @param work called with the button
 */
export function button(text, work, { kind = '', role = null, title = null } = {}) {
  return h('button', {
    type: 'button', class: kind, title, disabled: role === false,
    onclick: async ({ currentTarget }) => {
      const place = currentTarget.closest('.actions') ?? currentTarget;
      place.parentElement.querySelector(':scope > .alert.of-action')?.remove();
      currentTarget.disabled = true;
      try {
        await work(currentTarget);
      } catch (e) {
        if (e.name !== 'AbortError') {
          const box = alertBox(e.message);
          box.classList.add('of-action');
          place.after(box);
        }
      } finally {
        currentTarget.disabled = false;
      }
    },
  }, text);
}

/** Shows a success for a few seconds. */
export function toast(text) {
  const shown = h('div', { class: 'toast' }, text);
  document.getElementById('toasts').append(shown);
  setTimeout(() => shown.remove(), 5000);
}

/** Asks before an action that cannot be undone. */
export function confirm(title, text, yes, kind = 'danger') {
  return new Promise((resolve) => {
    const dialog = h('dialog', { 'aria-labelledby': 'ask', onclose: () => { dialog.remove(); resolve(dialog.returnValue === 'yes'); } },
      h('h2', { id: 'ask' }, title), h('p', null, text),
      h('div', { class: 'actions end' },
        h('button', { type: 'button', onclick: () => dialog.close('no') }, 'Cancel'),
        h('button', { type: 'button', class: kind, onclick: () => dialog.close('yes') }, yes)));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Browsers give their clipboard only to pages from TLS or from this machine; others must copy in the old way. */
async function toClipboard(text) {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text);
  }
  const area = h('textarea', { class: 'offscreen', value: text });
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) {
    throw new Error('The browser does not let this page copy; select the text yourself.');
  }
}

export const copyButton = (text, label = 'Copy') => button(label, async () => {
  await toClipboard(typeof text === 'function' ? text() : text);
  toast('Copied');
}, { kind: 'small' });

/** A secret or token, for the one time it is shown. */
export const shownOnce = (what, text) => h('section', { class: 'card once', 'aria-label': what },
  h('h2', null, what),
  h('p', null, 'Copy it to the receiver now: it is shown this once, and nobody can read it again.'),
  h('div', { class: 'secret' }, h('code', null, text), copyButton(text)));

export const code = (text, label) => h('pre', { tabindex: '0', role: 'region', 'aria-label': label }, text);
