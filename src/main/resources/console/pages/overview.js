/** The last hour in numbers and charts, and the endpoints, those in trouble first. */
import { get, listWebhooks } from '../api.js';
import { chart } from '../charts.js';
import { h, refill } from '../dom.js';
import { ago, count, countUpTo, duration, secondsSince, span, webhookName } from '../format.js';
import { byTrouble, health } from '../health.js';
import { table } from '../table.js';
import { may } from '../session.js';
import { badge, card, empty, head, linkButton, tile } from '../ui.js';

const none = () => empty('No webhooks yet',
  'A webhook is a URL that gets a signed request for each change in the CRM that it asks for. Make the first one; it is served at once.',
  may('admin') && linkButton('#/webhooks/new', 'New webhook', 'primary'));

const columns = (byId) => [
  { name: 'State', cell: (row) => badge(...health(row, byId.get(row.webhookId))) },
  { name: 'Webhook', class: 'wide', cell: (row) => [
    h('a', { class: 'strong', href: `#/webhooks/${row.webhookId}` }, webhookName(row)),
    row.description && h('span', { class: 'mono sub' }, row.targetUrl)] },
  { name: 'Delivered', class: 'number', cell: (row) => count(row.delivered) },
  { name: 'Failed', class: 'number', cell: (row) => count(row.failed) },
  { name: 'Pending', class: 'number', cell: (row) => (row.pending === 0 ? '0'
    : h('a', { href: `#/deliveries?webhookId=${row.webhookId}&state=pending` }, countUpTo(row.pending))) },
  { name: 'Dead', class: 'number', cell: (row) => (row.deadLetters === 0 ? '0'
    : h('a', { href: `#/dead-letters?webhookId=${row.webhookId}` }, countUpTo(row.deadLetters))) },
  { name: 'p95', class: 'number', cell: (row) => duration(row.durationMs.p95) },
  { name: 'Oldest pending', class: 'number', cell: (row) => ago(row.oldestPendingAt) },
];

const older = (one, two) => (!one ? two : !two ? one : one < two ? one : two);

function tiles({ total }) {
  const oldest = older(total.oldestPendingAt, total.oldestQueuedAt);
  const attempts = total.delivered + total.failed;
  const waiting = total.pending + (total.queued ?? 0);
  return [
    tile('Delivered', count(total.delivered), { below: `${count(Math.round(total.delivered / 60))} a minute` }),
    tile('Failed attempts', count(total.failed), { kind: total.failed ? 'warn' : '',
      below: attempts ? `${((100 * total.failed) / attempts).toFixed(1)} % of all` : 'no attempts yet' }),
    tile('Answered within', duration(total.durationMs.p95), { below: '95 % of them' }),
    tile('Waiting', countUpTo(waiting), { href: '#/deliveries?state=pending', below: `${countUpTo(total.pending)} pending` }),
    tile('Oldest waiting', oldest ? span(secondsSince(oldest)) : 'none', { kind: oldest && secondsSince(oldest) > 300 ? 'warn' : '',
      below: oldest ? ago(oldest) : 'nothing waits' }),
    tile('Dead letters', countUpTo(total.deadLetters), { kind: total.deadLetters ? 'bad' : '', href: '#/dead-letters',
      below: total.deadLetters ? 'send again' : 'none' }),
    tile('Parked changes', countUpTo(total.parked), { kind: total.parked ? 'bad' : '', href: '#/parked',
      below: total.parked ? 'see why, retry' : 'none' }),
  ];
}

function endpoints({ webhooks }, all) {
  const byId = new Map(all.map((one) => [one.id, one]));
  return webhooks.length > 0 ? table('Endpoints', columns(byId), [...webhooks].sort(byTrouble(byId))) : none();
}

const read = (view) => Promise.all([get('/rest/stats', {}, view.signal), listWebhooks()]);

export async function overview(view) {
  const [stats, webhooks] = await read(view);
  const numbers = h('div', { class: 'tiles' }, tiles(stats));
  const throughput = await chart(view, 'throughput', 'Attempts per minute', stats);
  const latency = await chart(view, 'latency', 'Time to answer', stats);
  const list = h('div', null, endpoints(stats, webhooks));
  const live = h('span', { class: 'live' }, 'live');
  view.every(5000, async () => {
    try {
      const [newer, all] = await read(view);
      refill(numbers, tiles(newer));
      refill(list, endpoints(newer, all));
      throughput.update(newer);
      latency.update(newer);
      live.textContent = 'live';
      live.classList.remove('stale');
    } catch (e) {
      live.textContent = e.message;
      live.classList.add('stale');
    }
  });
  const section = card('Endpoints', list);
  section.classList.add('flush');
  return h('div', null, head('Overview', { below: ['The last hour, ', live] }), numbers,
    h('div', { class: 'charts' }, throughput.node, latency.node), section);
}
