/** The changes themselves. */
import { h } from '../dom.js';
import { datalist, filters, showError } from '../form.js';
import { fromLocalInput, size, time, toLocalInput } from '../format.js';
import { objects } from '../event-filter.js';
import { pages } from '../table.js';
import { empty, head, state } from '../ui.js';

const KEYS = ['event', 'recordId', 'since', 'until'];
const TIME = { kind: 'time', read: fromLocalInput, write: toLocalInput };

const COLUMNS = [
  { name: 'Event', cell: (row) => h('a', { class: 'strong', href: `#/events/${row.id}` }, row.event ?? '(none)') },
  { name: 'Record', class: 'record', cell: (row) => h('span', { class: 'mono cut', title: row.recordId }, row.recordId ?? '–') },
  { name: 'Changed fields', class: 'wide', cell: (row) => row.updatedFields?.join(', ') ?? '–' },
  { name: 'State', cell: (row) => state(row.state) },
  { name: 'Changed', class: 'when', cell: (row) => time(row.occurredAt) },
  { name: 'Size', class: 'number', cell: (row) => size(row.bytes) },
];

export async function events(view) {
  const known = await objects(view.signal);
  const given = () => Object.fromEntries(KEYS.map((key) => [key, view.query.get(key) ?? '']));
  const list = pages(view, {
    path: '/rest/events',
    label: 'Events',
    columns: COLUMNS,
    filters: given,
    failed: (e) => e.status === 400 && (showError(bar, e), true),
    none: (further) => (further ? empty('That was all', 'There are no older ones.')
      : KEYS.some((key) => view.query.get(key)) ? empty('None match', 'Widen or clear the filters above.')
        : empty('No changes yet', 'Change a record in the CRM: it is shown here. Are its tables captured? See “bin/crm-webhooks capture list”.')),
  });
  const bar = filters(view, [
    { name: 'event', label: 'Event', list: 'events', placeholder: 'person.*' },
    { name: 'recordId', label: 'Record id', placeholder: 'of one record' },
    { name: 'since', label: 'Since', ...TIME },
    { name: 'until', label: 'Before', ...TIME },
  ], list.first);
  await list.load();
  return h('div', null, head('Events', { below: 'Every committed change of the CRM, also without a webhook that asks for it. The newest is first.',
    actions: [h('button', { type: 'button', onclick: () => list.load() }, 'Refresh')] }),
  datalist('events', known.map((object) => `${object}.*`)), bar, list.node);
}
