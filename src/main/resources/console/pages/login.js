/** The page for a reader who is not signed in. */
import { h } from '../dom.js';
import { form } from '../form.js';
import { keep } from '../session.js';
import { alertBox } from '../ui.js';

/** @param done called when there is a token to try */
export function login(message, done) {
  const token = h('input', { type: 'password', id: 'token', name: 'token', autocomplete: 'off', required: true, spellcheck: 'false' });
  return h('div', { class: 'card narrow' },
    h('h1', { tabindex: '-1' }, 'Sign in'),
    message && alertBox(message),
    form({ class: 'login', save: async () => {
      keep(token.value.trim());
      await done();
    } },
    h('div', { class: 'field' }, h('label', { htmlFor: 'token' }, 'API token'), token,
      h('p', { class: 'hint' }, 'The first start of crm-webhooks prints one; “bin/crm-webhooks token add NAME” makes more. '
        + 'It stays in this tab only, until you close it.')),
    h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'primary' }, 'Sign in'))));
}
