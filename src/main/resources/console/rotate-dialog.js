/** Asks how a webhook signs from now on, and for how long the old secret signs as well. */
import { post, readContract } from './api.js';
import { h } from './dom.js';
import { field, form } from './form.js';
import { secretChoice } from './secret-choice.js';

/** @return the server's answer; null when it was cancelled */
export async function rotate(path) {
  const { RotateSecret } = (await readContract()).components.schemas;
  const choice = secretChoice('From now on', null, { unsigned: false });
  const overlap = h('input', { name: 'overlap', type: 'text', placeholder: RotateSecret.properties.overlap.default, autocomplete: 'off', spellcheck: 'false' });
  return new Promise((resolve) => {
    let made = null;
    const dialog = h('dialog', { 'aria-labelledby': 'ask', onclose: () => { dialog.remove(); resolve(made); } },
      h('h2', { id: 'ask' }, 'Rotate the secret?'),
      form({ save: async () => {
        made = await post(`${path}/rotate-secret`, { ...choice.value(), ...(overlap.value.trim() ? { overlap: overlap.value.trim() } : {}) });
        dialog.close();
      } },
      choice.node,
      field('The old one signs as well for', overlap, 'Such as 24h or 7d; 0: no longer. The receiver needs the new one by then.'),
      h('div', { class: 'actions end' },
        h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'),
        h('button', { type: 'submit', class: 'primary' }, 'Rotate'))));
    document.body.append(dialog);
    dialog.showModal();
  });
}
