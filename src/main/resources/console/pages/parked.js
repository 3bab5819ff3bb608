/** Parked changes: those that could not be processed, with the reasons, and their retry. */
import { post } from '../api.js';
import { choosing } from '../choosing.js';
import { h } from '../dom.js';
import { objects } from '../event-filter.js';
import { datalist, filters, showError } from '../form.js';
import { ago, count, fromLocalInput, time, toLocalInput } from '../format.js';
import { may } from '../session.js';
import { pages } from '../table.js';
import { button, confirm, empty, head, toast } from '../ui.js';

const KEYS = ['event', 'reason', 'since', 'until'];
const TIME = { kind: 'time', read: fromLocalInput, write: toLocalInput };

const COLUMNS = [
  { name: 'Event', class: 'event', cell: (row) => [h('a', { class: 'strong', href: `#/events/${row.id}` }, row.event ?? '(none)'),
    h('span', { class: 'sub mono cut', title: row.recordId }, row.recordId ?? '–')] },
  { name: 'Reason', class: 'reason', cell: (row) => h('span', { title: row.reason }, row.reason) },
  { name: 'Changed', class: 'when', cell: (row) => time(row.occurredAt) },
  { name: 'Parked', class: 'when', cell: (row) => ago(row.parkedAt) },
];

export async function parked(view) {
  const known = await objects(view.signal);
  const given = () => Object.fromEntries(KEYS.map((key) => [key, view.query.get(key) ?? '']));
  const retry = async (which) => {
    const { retried } = await post('/rest/parked-changes/retry', which);
    toast(retried === 1 ? 'One is processed again now' : `${count(retried)} are processed again now`);
  };
  const choice = choosing('Retry', (ids) => retry({ ids }), () => list.load());
  const list = pages(view, {
    path: '/rest/parked-changes',
    label: 'Parked changes',
    columns: [choice.column, ...COLUMNS],
    filters: given,
    shown: choice.shown,
    failed: (e) => e.status === 400 && (showError(bar, e), true),
    none: () => (KEYS.some((key) => view.query.get(key)) ? empty('None match', 'Widen or clear the filters above.')
      : empty('No parked changes', 'A change comes here when it cannot be processed: a customising step fails on it or takes too long, or its row is no event with a record.')),
  });

  async function retryAll() {
    const narrowed = Object.fromEntries(Object.entries(given()).filter(([, value]) => value));
    const filtered = Object.keys(narrowed).length > 0;
    const which = filtered ? 'All parked changes that match the filters' : 'All parked changes';
    if (await confirm('Retry all?', `${which} are processed again now. One that fails again is parked again.`, 'Retry all', 'primary')) {
      await retry(narrowed);
      await list.first();
    }
  }

  const bar = filters(view, [
    { name: 'event', label: 'Event', list: 'events', placeholder: 'person.*' },
    { name: 'reason', label: 'Reason has', placeholder: 'words' },
    { name: 'since', label: 'Changed since', ...TIME },
    { name: 'until', label: 'Changed before', ...TIME },
  ], list.first);
  await list.load();
  return h('div', null, head('Parked changes', {
    below: 'These changes could not be processed and were sent to nobody. Mend the cause, such as a customising step, then retry them.',
    actions: [choice.all, choice.selected, button('Retry all that match', retryAll, { role: may('operate') })],
  }), datalist('events', known.map((object) => `${object}.*`)), bar, list.node);
}
