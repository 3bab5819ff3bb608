/** The events of a webhook, as rows of an object and an action. */
import { get } from './api.js';
import { h } from './dom.js';
import { datalist, group, select } from './form.js';

/** Objects that every CRM of this kind has; further ones are added as they are seen. */
const OBJECTS = ['person', 'company', 'opportunity', 'note', 'task', 'attachment', 'workspaceMember'];

const ACTIONS = [['*', 'All actions'], ['created', 'Created'], ['updated', 'Updated'], ['deleted', 'Deleted'],
  ['restored', 'Restored'], ['destroyed', 'Destroyed']];

/** The objects of the newest changes, and the usual ones. */
export async function objects(signal) {
  const newest = await get('/rest/events', { limit: 200 }, signal).then((page) => page.data, () => []);
  return [...new Set([...newest.map(({ event }) => event?.split('.')[0]).filter(Boolean), ...OBJECTS])].sort();
}

/** As a person reads it: "person.*" → "person: all". */
export const chips = (operations) => h('ul', { class: 'chips' }, operations.map((operation) => {
  const [object, action] = operation.split('.');
  return h('li', { title: operation }, h('b', null, object === '*' ? 'all objects' : object), ' ', action === '*' ? 'all actions' : action);
}));

/**
 * The rows.
 *
 * @param operations the event patterns wanted now
 * @param known objects to be offered
 * @return node, and value()
 */
export function eventRows(operations, known) {
  const rows = h('div', { class: 'rows' });
  const add = (operation) => {
    const [object, action] = operation.split('.');
    const actions = ACTIONS.some(([key]) => key === action) ? ACTIONS : [...ACTIONS, [action, action]];
    const row = h('div', { class: 'row' },
      h('input', { class: 'object', 'aria-label': 'Object', list: 'objects', placeholder: 'All objects', autocomplete: 'off', spellcheck: 'false',
        value: object === '*' ? '' : object }),
      select('action', action, actions),
      h('button', { type: 'button', class: 'small', 'aria-label': 'Remove this row', onclick: () => {
        row.remove();
        rows.children.length === 0 && add('*.*');
      } }, 'Remove'));
    row.querySelector('select').setAttribute('aria-label', 'Action');
    rows.append(row);
    return row;
  };
  operations.forEach(add);
  const node = group('operations', 'Which changes', 'One row is enough to match. Leave the object empty for all of them.',
    datalist('objects', known), rows,
    h('button', { type: 'button', class: 'small', onclick: () => add('*.*').querySelector('input').focus() }, 'Add a row'));
  const value = () => [...new Set([...rows.children].map((row) =>
    `${row.querySelector('.object').value.trim() || '*'}.${row.querySelector('select').value}`))];
  return { node, value };
}
