/** Starts a replay: counts first, then sends. */
import { listWebhooks, post } from '../api.js';
import { h, refill } from '../dom.js';
import { field, form, group, select, showError } from '../form.js';
import { count, fromLocalInput, time, toLocalInput, webhookName } from '../format.js';
import { alertBox, button, empty, facts, head, linkButton } from '../ui.js';
import { MODES } from './replays.js';

const HINTS = {
  missing: 'for a webhook that is new or was disabled',
  failed: 'dead and cancelled ones',
  all: 'also changes that it has got already',
};

const RANGES = [['1', 'The last hour'], ['24', 'The last 24 hours'], ['168', 'The last 7 days'], ['', 'From a time of your choice']];

export async function replayForm(view) {
  const webhooks = await listWebhooks();
  if (webhooks.length === 0) {
    return h('div', null, head('New replay'), h('section', { class: 'card' },
      empty('No webhooks yet', 'A replay is for a webhook; make one first.', linkButton('#/webhooks/new', 'New webhook', 'primary'))));
  }
  const webhook = select('webhookId', view.query.get('webhookId') ?? webhooks[0].id, webhooks.map((one) => [one.id, webhookName(one)]));
  const since = h('input', { type: 'datetime-local', name: 'since' });
  const until = h('input', { type: 'datetime-local', name: 'until' });
  const range = select('range', '1', RANGES);
  const own = h('div', { class: 'two', hidden: true }, field('Changes since', since), field('Before', until, 'Empty: until now'));
  range.addEventListener('change', () => {
    own.hidden = range.value !== '';
    since.value ||= toLocalInput(new Date(Date.now() - 3_600_000).toISOString());
  });
  const events = h('input', { type: 'text', name: 'events', placeholder: 'all that the webhook asks for', autocomplete: 'off' });
  const modes = group('mode', 'Deliveries to send', null, Object.entries(MODES).map(([value, text], i) => h('label', { class: 'choice' },
    h('input', { type: 'radio', name: 'mode', value, checked: i === 0 }), h('span', null, text, h('span', { class: 'hint' }, ` – ${HINTS[value]}`)))));
  const result = h('div', { 'aria-live': 'polite' });

  const request = () => ({
    webhookId: webhook.value,
    mode: modes.querySelector(':checked').value,
    since: range.value ? new Date(Date.now() - range.value * 3_600_000).toISOString() : fromLocalInput(since.value) || null,
    ...(!range.value && until.value ? { until: fromLocalInput(until.value) } : {}),
    ...(events.value.trim() ? { events: events.value.split(',').map((one) => one.trim()).filter(Boolean) } : {}),
  });

  const element = form({ class: 'card', onchange: () => refill(result), save: async () => {
    const asked = request();
    const counted = await post('/rest/replays', { ...asked, dryRun: true });
    refill(result, counts(counted, () => start({ ...asked, until: counted.until })));
    result.querySelector('h2').focus();
  } },
  field('Webhook', webhook), field('Changes of', range), own, modes,
  h('details', null, h('summary', null, 'Only some events'), field('Events', events, 'Such as person.*, company.updated. They narrow the events that the webhook asks for.')),
  h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'primary' }, 'Count first'), linkButton('#/replays', 'Cancel')));

  async function start(asked) {
    try {
      const started = await post('/rest/replays', asked);
      location.hash = `#/replays/${started.id}`;
    } catch (e) {
      showError(element, e);
    }
  }
  return h('div', { class: 'form-page' }, head('New replay', { below: 'You see the number of deliveries before anything is sent.' }), element, result);
}

const FATES = [['delivered', 'Delivered already'], ['pending', 'Pending, to be sent anyway'], ['dead', 'Dead'], ['cancelled', 'Cancelled'],
  ['missing', 'Never owed to it'], ['queued', 'Not dispatched yet'], ['parked', 'Could not be dispatched'], ['dropped', 'Dropped by the customise route'], ['muted', 'Muted then'], ['filtered', 'Not wanted by its filter']];

const counts = (counted, start) => h('section', { class: 'card' },
  h('h2', { tabindex: '-1' }, counted.toSend === 0 ? 'Nothing to send' : counted.toSend === 1 ? '1 delivery would be sent' : `${count(counted.toSend)} deliveries would be sent`),
  facts(['Changes that match', count(counted.matched)], ...FATES.map(([name, text]) => counted[name] > 0 && [text, count(counted[name])]),
    ['Of changes since', time(counted.since)], ['Before', time(counted.until)]),
  counted.removed > 0 && alertBox(`${count(counted.removed)} changes of these days were removed after their retention and cannot be sent.`),
  counted.toSend === 0 ? h('p', null, 'Take a longer time, or choose other deliveries.')
    : h('div', { class: 'actions' }, button(`Send ${count(counted.toSend)} now`, start, { kind: 'primary' })));
