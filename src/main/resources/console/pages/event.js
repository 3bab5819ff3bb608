/** One change: the record as it was, and its deliveries. */
import { get, listWebhooks, post } from '../api.js';
import { h } from '../dom.js';
import { pretty, size, time, webhookName } from '../format.js';
import { may } from '../session.js';
import { table } from '../table.js';
import { alertBox, button, code, copyButton, empty, facts, head, note, state, toast } from '../ui.js';

const columns = (byId) => [
  { name: 'State', cell: (row) => state(row.state) },
  { name: 'Webhook', class: 'wide', cell: (row) => (byId.has(row.webhookId) ? webhookName(byId.get(row.webhookId)) : 'deleted') },
  { name: 'Delivery', class: 'wide', cell: (row) => h('a', { class: 'mono', href: `#/deliveries/${row.id}` }, row.id) },
];

const unsentColumns = (byId) => [
  { name: 'Webhook', class: 'wide', cell: (row) => (byId.has(row.webhookId) ? webhookName(byId.get(row.webhookId)) : 'deleted') },
  { name: 'Its filter at that time', class: 'wide', cell: (row) => h('code', { class: 'mono' }, row.filter) },
];

export async function event(view) {
  const path = `/rest/events/${encodeURIComponent(view.params.id)}`;
  const [shown, webhooks] = await Promise.all([get(path, {}, view.signal), listWebhooks()]);
  const byId = new Map(webhooks.map((one) => [one.id, one]));
  const record = shown.recordText === null ? null : pretty(shown.recordText);
  const retry = button('Retry', async () => {
    const { retried } = await post('/rest/parked-changes/retry', { ids: [shown.id] });
    toast(retried ? 'It is processed again now' : 'It is no longer parked');
  }, { kind: 'primary', role: may('operate') });
  return h('div', null,
    head(shown.event ?? 'Event', { above: h('a', { href: '#/events' }, 'Events') }),
    shown.parkedReason && alertBox(`It could not be processed: ${shown.parkedReason}`, h('div', { class: 'actions' }, retry)),
    h('section', { class: 'card' }, facts(
      ['State', state(shown.state)],
      shown.droppedReason && ['Dropped', shown.droppedReason],
      ['Record', h('a', { class: 'mono', href: `#/events?recordId=${encodeURIComponent(shown.recordId ?? '')}` }, shown.recordId ?? '–')],
      shown.updatedFields && ['Changed fields', shown.updatedFields.join(', ')],
      ['Changed', time(shown.occurredAt)],
      ['Change', `no. ${shown.id}`],
      ['Size', size(shown.bytes)],
      shown.workspace && ['Workspace', shown.workspace])),
    h('section', { class: 'card flush' }, h('div', { class: 'card-head' }, h('h2', null, 'Deliveries')),
      shown.deliveries.length > 0 ? table('Deliveries of this change', columns(byId), shown.deliveries)
        : shown.notSent.length > 0 ? empty('Sent to nobody', 'The filters of its webhooks did not want it.') : empty('No webhook asked for it', 'To send it, make a webhook that asks for it, and replay.'),
      !shown.deliveriesComplete && note('More may have arrived later: not all could be read from Kafka at once.')),
    shown.notSent.length > 0 && h('section', { class: 'card flush' }, h('div', { class: 'card-head' }, h('h2', null, 'Not sent, by a filter')),
      table('Webhooks whose filter did not want this change', unsentColumns(byId), shown.notSent)),
    h('section', { class: 'card' }, h('div', { class: 'card-head' }, h('h2', null, 'Record'), record && h('span', { class: 'end' }, copyButton(record))),
      record ? code(record, 'The record as it was captured') : empty('No record', 'The change has none.')));
}
