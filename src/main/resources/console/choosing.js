/** Choosing rows of a list, page after page, for something that is then done with all of them. */
import { h } from './dom.js';
import { count } from './format.js';
import { may } from './session.js';
import { button } from './ui.js';

/**
 * @param verb on the button, such as "Retry"
 * @param work called with the ids that are chosen
 * @param after called when it has succeeded, and nothing is chosen any more
 * @return column, all and selected for the head of the page, and shown, which takes the rows of each page
 */
export function choosing(verb, work, after) {
  const chosen = new Map();
  let rows = [];
  const all = h('input', { type: 'checkbox', onchange: ({ target }) => choose(rows, target.checked) });
  const selected = button('', async () => {
    if (chosen.size > 0) {
      await work([...chosen.values()]);
      chosen.clear();
      tally();
      await after();
    }
  }, { kind: 'primary', role: may('operate') });
  const has = ({ id }) => chosen.has(String(id));
  const tally = () => {
    selected.textContent = chosen.size === 0 ? `${verb} chosen` : `${verb} ${count(chosen.size)} chosen`;
    selected.disabled = chosen.size === 0 || !may('operate');
    all.checked = rows.length > 0 && rows.every(has);
    all.indeterminate = !all.checked && rows.some(has);
  };
  const choose = (some, on) => {
    some.forEach(({ id }) => (on ? chosen.set(String(id), id) : chosen.delete(String(id))));
    document.querySelectorAll('input[data-id]').forEach((box) => { box.checked = chosen.has(box.dataset.id); });
    tally();
  };
  const column = { name: 'Choose', class: 'choose', cell: (row) => h('input', { type: 'checkbox', 'data-id': row.id,
    checked: has(row), 'aria-label': `Choose ${row.event} of ${row.recordId}`, onchange: ({ target }) => choose([row], target.checked) }) };
  tally();
  return { column, all: h('label', { class: 'choice' }, all, 'All on this page'), selected, shown: (page) => { rows = page; tally(); } };
}
