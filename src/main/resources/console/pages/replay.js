/** One replay: its progress, with buttons to pause, resume and cancel it. */
import { get, listWebhooks, post } from '../api.js';
import { h, refill } from '../dom.js';
import { count, time, webhookName } from '../format.js';
import { may } from '../session.js';
import { alertBox, button, confirm, facts, head, note, state, tile } from '../ui.js';
import { MODES, bar } from './replays.js';

export async function replay(view) {
  const path = `/rest/replays/${encodeURIComponent(view.params.id)}`;
  const [first, webhooks] = await Promise.all([get(path, {}, view.signal), listWebhooks()]);
  const webhook = webhooks.find(({ id }) => id === first.webhookId);
  const body = h('div', { 'aria-live': 'off' });
  const actions = h('div', { class: 'actions' });
  let shown = null;
  const act = (text, verb, kind = '') => button(text, async () => show(await post(`${path}/${verb}`)), { kind, role: may('operate') });
  const cancel = button('Cancel', async () => {
    if (await confirm('Cancel this replay?', 'Its pending deliveries are cancelled, too. It cannot be resumed; start another one.', 'Cancel the replay')) {
      show(await post(`${path}/cancel`));
    }
  }, { kind: 'danger', role: may('operate') });

  function show(now) {
    if (now.state !== shown?.state) {
      refill(actions, now.state === 'running' && act('Pause', 'pause'), now.state === 'paused' && act('Resume', 'resume', 'primary'),
        (now.state === 'running' || now.state === 'paused') && cancel);
    }
    shown = now;
    refill(body, parts(now, webhook));
  }

  view.every(1000, async () => {
    if (shown.state === 'running' || shown.deliveries?.pending > 0) {
      show(await get(path, {}, view.signal));
    }
  });
  show(first);
  return h('div', null, head(`Replay no. ${first.id}`, { above: h('a', { href: '#/replays' }, 'Replays'), actions: [actions] }), body);
}

const parts = (now, webhook) => [
  h('section', { class: 'card' }, h('div', { class: 'card-head' }, state(now.state), bar(now)),
    now.waiting && now.state === 'running' && note(`It waits: ${now.waiting}`),
    now.error && alertBox(now.error),
    h('div', { class: 'tiles inner' },
      tile('Owed', count(now.owed), { below: 'deliveries made' }),
      now.deliveries && [
        tile('Delivered', count(now.deliveries.delivered), { below: 'accepted' }),
        tile('Pending', count(now.deliveries.pending), { below: 'to be sent' }),
        tile('Dead', count(now.deliveries.dead), { kind: now.deliveries.dead ? 'bad' : '', below: 'every attempt failed' }),
        tile('Cancelled', count(now.deliveries.cancelled), { below: 'not sent' })])),
  h('section', { class: 'card' }, facts(
    ['Webhook', h('a', { href: `#/webhooks/${now.webhookId}` }, webhook ? webhookName(webhook) : 'deleted')],
    ['Mode', MODES[now.mode]],
    ['Events', now.events ? now.events.join(', ') : 'all that the webhook asks for'],
    ['Changes since', time(now.since)],
    ['Before', time(now.until)],
    ['Started', time(now.createdAt)],
    ['Ended', time(now.endedAt)],
    now.dropped > 0 && ['Dropped by the customise route', count(now.dropped)],
    now.refused > 0 && ['Could not be sent', count(now.refused)])),
];
