/** How a webhook signs, as a choice in a form. */
import { h } from './dom.js';
import { group } from './form.js';

/**
 * @param unsigned whether the webhook may go without a secret
 * @return node, and value(), the fields for the API
 */
export function secretChoice(label, hint, { unsigned }) {
  const own = h('input', { name: 'own-secret', type: 'text', 'aria-label': 'Secret of your own', autocomplete: 'off', spellcheck: 'false', disabled: true });
  const choice = (value, text, checked) => h('label', { class: 'choice' }, h('input', { type: 'radio', name: 'signing', value, checked,
    onchange: () => { own.disabled = value !== 'own'; own.disabled || own.focus(); } }), text);
  const node = group('secret', label, hint,
    choice('made', 'With a secret made here', true), choice('own', 'With a secret of your own:', false), own,
    choice('pair', 'With an ed25519 key pair made here; the receiver gets the public key', false),
    unsigned && choice('none', 'Unsigned', false));
  return { node, value: () => ({ own: { secret: own.value }, pair: { ed25519: true }, none: { secret: '' } })[node.querySelector(':checked').value] };
}
