/** Deliveries by filter, and the dead letters with their redelivery. */
import { get, listWebhooks, post } from '../api.js';
import { choosing } from '../choosing.js';
import { ofAll, ofDead } from '../delivery-columns.js';
import { h } from '../dom.js';
import { datalist, filters, showError } from '../form.js';
import { count, fromLocalInput, toLocalInput, webhookName } from '../format.js';
import { objects } from '../event-filter.js';
import { may } from '../session.js';
import { pages } from '../table.js';
import { button, confirm, empty, head, linkButton, toast } from '../ui.js';

const KEYS = ['webhookId', 'state', 'event', 'since', 'until'];
const STATES = [['', 'any'], ['pending', 'pending'], ['delivered', 'delivered'], ['dead', 'dead'], ['cancelled', 'cancelled']];
/** A day, but for the time that a request takes. */
const DAY = 86_340_000;
const TIME = { kind: 'time', read: fromLocalInput, write: toLocalInput };

const given = (view, keys) => Object.fromEntries(keys.map((key) => [key, view.query.get(key) ?? '']));

const controls = (webhooks, ...more) => [
  { name: 'webhookId', label: 'Webhook', kind: [['', 'all'], ...webhooks.map((one) => [one.id, webhookName(one)])] },
  ...more,
  { name: 'event', label: 'Event', list: 'events', placeholder: 'person.*' },
  { name: 'since', label: 'Changed since', ...TIME },
  { name: 'until', label: 'Changed before', ...TIME },
  { name: 'id', label: 'Find by webhook-id', placeholder: 'msg_…' },
];

const eventNames = (known) => datalist('events', known.map((object) => `${object}.*`));

/** Those that have arrived are read of a range of at most a day where Kafka keeps them: by default the last one. */
const ranged = (query) => (query.since || !['', 'delivered'].includes(query.state) ? query
  : { ...query, since: new Date((query.until ? Date.parse(query.until) : Date.now()) - DAY).toISOString() });

/** The list and its filters; a refused filter shows its error at its field. */
async function filtered(view, more, keys, list) {
  const [webhooks, known] = await Promise.all([listWebhooks(), objects(view.signal)]);
  const byId = new Map(webhooks.map((one) => [one.id, one]));
  const shown = pages(view, { path: '/rest/deliveries', ...list(byId), failed: (e) => e.status === 400 && (showError(bar, e), true) });
  const apply = () => {
    const id = view.query.get('id');
    view.setQuery({ id: '' });
    return id ? (location.hash = `#/deliveries/${encodeURIComponent(id)}`) : shown.first();
  };
  const bar = filters(view, controls(webhooks, ...more), apply);
  await shown.load();
  return { bar: h('div', null, eventNames(known), bar), shown, filter: () => given(view, keys) };
}

export async function deliveries(view) {
  const { deliveredLeftOut: fromKafka } = await get('/rest/deliveries', { limit: 1 }, view.signal);
  const { bar, shown } = await filtered(view, [{ name: 'state', label: 'State', kind: STATES }], KEYS, (byId) => ({
    label: 'Deliveries',
    columns: ofAll(byId),
    filters: () => (fromKafka ? ranged(given(view, KEYS)) : given(view, KEYS)),
    none: (further) => (further ? empty('That was all', 'There are no older ones.')
      : KEYS.some((key) => view.query.get(key)) ? empty('None match', 'Widen or clear the filters above.')
        : byId.size === 0 ? empty('No deliveries yet', 'Make a webhook first; each change it asks for becomes a delivery.', linkButton('#/webhooks', 'To the webhooks', 'primary'))
          : empty('No deliveries yet', 'Change a record in the CRM: it is shown here. Are its tables captured? See “bin/crm-webhooks capture list”.')),
  }));
  return h('div', null, head('Deliveries', { below: ['One change owed to one webhook. The newest change is first.',
    fromKafka && ' Those that have arrived are read from Kafka, a day at most: without a range, the last 24 hours. Alone, the latest to arrive is first.'],
    actions: [h('button', { type: 'button', onclick: () => shown.load() }, 'Refresh')] }), bar, shown.node);
}

export async function deadLetters(view) {
  const choice = choosing('Redeliver', async (ids) => said((await post('/rest/deliveries/redeliver', { ids })).redelivered), () => shown.load());
  const keys = KEYS.filter((key) => key !== 'state');
  const { bar, shown, filter } = await filtered(view, [], keys, (byId) => ({
    label: 'Dead letters',
    columns: ofDead(byId, choice.column),
    filters: () => ({ ...given(view, keys), state: 'dead' }),
    shown: choice.shown,
    none: () => empty('No dead letters', 'A delivery comes here when the last attempt of its retry schedule fails.'),
  }));

  async function sendAllAgain() {
    const narrowed = Object.fromEntries(Object.entries(filter()).filter(([, value]) => value));
    const which = Object.keys(narrowed).length > 0 ? 'All dead letters that match the filters' : 'All dead letters of all webhooks';
    if (!await confirm('Redeliver all?', `${which} are tried again now. Each begins its retry schedule anew.`, 'Redeliver all', 'primary')) {
      return;
    }
    let sum = 0;
    let cursor;
    do {
      const done = await post('/rest/deliveries/redeliver', { ...narrowed, ...(cursor ? { cursor } : {}) });
      sum += done.redelivered;
      cursor = done.nextCursor;
    } while (cursor && !view.signal.aborted);
    said(sum);
    await shown.first();
  }

  const said = (number) => toast(number === 1 ? 'One is tried again now' : `${count(number)} are tried again now`);
  return h('div', null, head('Dead letters', {
    below: 'The last attempt of these deliveries failed. They wait here until somebody sends them again.',
    actions: [choice.all, choice.selected, button('Redeliver all that match', sendAllAgain, { role: may('operate') })],
  }), bar, shown.node);
}
