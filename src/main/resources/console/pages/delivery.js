/** One delivery: its attempts with their headers, its body, and its redelivery. */
import { get, listWebhooks, post } from '../api.js';
import { curl } from '../curl.js';
import { h, refill } from '../dom.js';
import { ago, duration, isAhead, isRoute, pretty, time, webhookName } from '../format.js';
import { may } from '../session.js';
import { button, code, copyButton, empty, facts, head, note, state, status, toast } from '../ui.js';

const NOT_SENT = { 'Content-Type': 'application/json' };

export async function delivery(view) {
  const path = `/rest/deliveries/${encodeURIComponent(view.params.id)}`;
  const first = await get(path, {}, view.signal);
  const find = async () => (await listWebhooks()).find(({ id }) => id === first.webhookId);
  let webhook = await find();
  const body = h('div');
  let shown = null;
  const show = (now) => {
    if (JSON.stringify(now) !== JSON.stringify(shown)) {
      shown = now;
      refill(body, parts(now, webhook));
    }
    refill(next, waits(now, webhook));
  };
  const next = h('div', { 'aria-live': 'polite' });
  const again = button('Redeliver', async () => {
    show(await post(`${path}/redeliver`));
    webhook = await find();
    toast(webhook?.pausedUntil ? 'It is due now and waits for the end of the pause' : 'It is tried again now');
  }, { kind: 'primary', role: may('operate') });
  view.every(2000, async () => {
    if (shown.state === 'pending') {
      webhook = await find();
      show(await get(path, {}, view.signal));
    }
  });
  show(first);
  return h('div', null,
    head(first.event ?? 'Delivery', { above: h('a', { href: '#/deliveries' }, 'Deliveries'),
      below: [h('span', { class: 'mono' }, first.id), copyButton(first.id)],
      actions: [again, !isRoute(shown.targetUrl) && copyButton(() => curl(shown.targetUrl ?? '', shown.attempts.at(-1)?.requestHeaders ?? NOT_SENT, whole(shown, webhook)), 'Copy as curl')] }),
    next, body);
}

/** The body of a request that sends this one alone. */
const whole = ({ body, request }, webhook) => (webhook?.batchSize > 1 && body && !request?.contentType ? `[${body}]` : body);

/** The next attempt, or the reason that there is none. */
function waits(now, webhook) {
  if (now.state === 'pending' && !now.dueAt) {
    return note('It waits for an earlier change of its record, because the webhook asks for their order.');
  }
  if (now.state === 'pending') {
    const failed = now.attemptCount === 1 ? 'Failed once' : `Failed ${now.attemptCount} times`;
    if (webhook?.pausedUntil) {
      return note(now.attemptCount === 0 ? 'Not tried yet' : failed, ': its webhook fails and is paused. The next delivery is tried ',
        h('b', null, ago(webhook.pausedUntil)), ', and the others when that one succeeds. ',
        h('a', { href: `#/webhooks/${webhook.id}` }, 'Resume the webhook'), ' to try it now.');
    }
    return !isAhead(now.dueAt) ? note(now.attemptCount === 0 ? 'Its turn is now' : `${failed}; its turn is now`, ', as soon as the webhook has an attempt free.')
      : note(now.attemptCount === 0 ? 'It is tried ' : `${failed}; the next attempt is `, h('b', null, ago(now.dueAt)), ' (', time(now.dueAt), ').');
  }
  return now.state === 'dead' ? note('Every attempt of its schedule failed. When the receiver works again, press ', h('b', null, 'Redeliver'), '.') : null;
}

function parts(now, webhook) {
  return [
    h('section', { class: 'card' }, facts(
      ['State', state(now.state)],
      ['Webhook', h('a', { href: `#/webhooks/${now.webhookId}` }, webhook ? webhookName(webhook) : 'deleted')],
      ['URL', h('span', { class: 'mono' }, now.targetUrl ?? '–')],
      now.request?.contentType && ['Type of the body', h('span', { class: 'mono' }, now.request.contentType)],
      now.request && Object.keys(now.request.headers).length > 0 && ['Headers set by a route', h('span', { class: 'mono' },
        Object.entries(now.request.headers).map(([name, value]) => `${name}: ${value}`).join(', '))],
      ['Record', h('span', { class: 'mono' }, now.recordId ?? '–')],
      ['Change', h('a', { href: `#/events/${now.changeId}` }, `no. ${now.changeId}`)],
      ['Changed', time(now.occurredAt)],
      now.replayId !== null && ['Replay', h('a', { href: `#/replays/${now.replayId}` }, `no. ${now.replayId}`)])),
    h('section', { class: 'card' }, h('h2', null, now.attempts.length === 1 ? '1 attempt' : `${now.attempts.length} attempts`),
      now.attempts.length > 0 && h('ol', { class: 'attempts' }, [...now.attempts].reverse().map(attempt))),
    h('section', { class: 'card' }, h('div', { class: 'card-head' }, h('h2', null, 'Body'), now.body && h('span', { class: 'end' }, copyButton(now.body, 'Copy as sent'))),
      now.body === null ? empty('There is no body', 'A route has left out this delivery, or its change was removed after its retention.') : code(pretty(now.body), 'Body, indented')),
  ];
}

const attempt = (made) => h('li', { class: made.error === null ? 'good' : 'bad' },
  h('div', { class: 'line' }, h('b', null, `#${made.number}`), status(made.status), time(made.attemptedAt),
    h('span', { class: 'muted' }, `took ${duration(made.durationMs)}`)),
  made.error && made.error !== `HTTP ${made.status}` && h('p', { class: 'failed' }, made.error),
  made.response && code(pretty(made.response), `The receiver's answer to attempt ${made.number}`),
  h('details', null, h('summary', null, 'Headers sent'),
    code(Object.entries(made.requestHeaders).map(([name, value]) => `${name}: ${value}`).join('\n'), `Headers of attempt ${made.number}`)));
