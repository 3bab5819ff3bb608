/** One webhook: its health, its actions, its settings and its log. */
import { call, get, post } from '../api.js';
import { chart } from '../charts.js';
import { h, refill } from '../dom.js';
import { ago, count, countUpTo, duration, nature, time, webhookName } from '../format.js';
import { health } from '../health.js';
import { log } from '../log.js';
import { chips } from '../event-filter.js';
import { shownOnceAt, takeSecret } from '../secrets.js';
import { may } from '../session.js';
import { rotate } from '../rotate-dialog.js';
import { goesWith, said, settings } from '../settings.js';
import { testResult } from '../test-result.js';
import { alertBox, badge, button, card, confirm, copyButton, facts, head, linkButton, note, shownOnce, tile, toast } from '../ui.js';

const SECRET = 'The secret of this webhook';

const tiles = (row) => [
  tile('Delivered', count(row.delivered), { below: 'in the last hour' }),
  tile('Failed attempts', count(row.failed), { kind: row.failed ? 'warn' : '', below: 'in the last hour' }),
  tile('Answered within', duration(row.durationMs.p95), { below: '95 % of attempts' }),
  tile('Pending', countUpTo(row.pending), { href: `#/deliveries?webhookId=${row.webhookId}&state=pending`,
    below: row.oldestPendingAt ? ['oldest of ', ago(row.oldestPendingAt)] : 'nothing waits' }),
  tile('Dead letters', countUpTo(row.deadLetters), { kind: row.deadLetters ? 'bad' : '',
    href: `#/dead-letters?webhookId=${row.webhookId}`, below: row.deadLetters ? 'send them again' : 'none' }),
];

export async function webhook(view) {
  const { id } = view.params;
  const path = `/rest/webhooks/${id}`;
  const [{ data: shown }, stats, all] = await Promise.all([
    call('GET', path, { signal: view.signal }), get('/rest/stats', { webhookId: id }, view.signal), settings()]);
  let latest = shown;
  const results = h('div', { 'aria-live': 'polite' });
  const { reload } = view;
  const numbers = h('div', { class: 'tiles' }, tiles(stats.webhooks[0]));
  const troubles = h('div', null, trouble(shown));
  const healthBadge = h('span', null, badge(...health(stats.webhooks[0], shown)));
  const throughput = await chart(view, 'throughput', 'Attempts per minute', stats);
  const latency = await chart(view, 'latency', 'Time to answer', stats);
  const entries = log(view, () => latest);
  await entries.load();
  view.every(5000, async () => {
    const [newer, now] = await Promise.all([get('/rest/stats', { webhookId: id }, view.signal), get(path, {}, view.signal)]);
    latest = now;
    refill(troubles, trouble(now));
    refill(numbers, tiles(newer.webhooks[0]));
    refill(healthBadge, badge(...health(newer.webhooks[0], now)));
    throughput.update(newer);
    latency.update(newer);
    await entries.refresh();
  });
  const secret = takeSecret(id);
  return h('div', null,
    head(webhookName(shown), { above: h('a', { href: '#/webhooks' }, 'Webhooks'), actions: actions(shown, path, results, reload),
      below: [healthBadge, h('span', { class: 'mono' }, shown.targetUrl), copyButton(shown.targetUrl), nature(shown) && h('span', null, nature(shown))] }),
    troubles,
    results,
    secret && h('div', null, shownOnce(SECRET, secret), note('Next: press ', h('b', null, 'Send a test'), ' to see a signed request and the answer of the receiver.')),
    numbers,
    h('div', { class: 'charts' }, throughput.node, latency.node),
    entries.node,
    card('Settings', facts(
      ['Changes', chips(shown.operations)],
      ['Signature', shown.publicKey ? 'signed with its key pair' : shown.signed ? 'signed with its secret' : 'unsigned'],
      ...all.filter(goesWith(shown.format)).map((setting) => [setting.label, setting.program && shown[setting.name] ? h('code', null, shown[setting.name]) : said(setting, shown)]),
      shown.publicKey && ['Public key', h('span', { class: 'mono' }, shown.publicKey, ' ', copyButton(shown.publicKey))],
      shown.previousSecretUntil && ['The old secret', ['signs as well until ', time(shown.previousSecretUntil)]],
      shown.workspace && ['Workspace', shown.workspace],
      ['Made in', shown.source === 'twenty' ? ['Twenty: change and delete it there, in ', h('b', null, 'Settings > APIs & Webhooks')] : shown.source === 'file' ? ['the file ', h('b', null, shown.file), ', as ', h('b', null, shown.name), ': change it there'] : 'the console or API'],
      shown.liveFrom && ['Live from', time(shown.liveFrom)],
      ['Id', h('span', { class: 'mono' }, shown.id)],
      ['Made', time(shown.createdAt)],
      ['Changed', time(shown.updatedAt)])));
}

/** The reason for which nothing is sent to it. */
function trouble(shown) {
  if (!shown.enabled && shown.disabledReason) {
    return alertBox(['Disabled ', ago(shown.disabledAt), ': ', shown.disabledReason, '. When the receiver works again, enable it and replay the changes that it has missed.']);
  }
  if (shown.shadow) {
    return note('In shadow: what it would be sent is recorded and listed as cancelled, and nothing is sent. ', h('code', null, 'crm-webhooks twenty live'), ' ends that.');
  }
  return shown.pausedUntil && alertBox(['It fails and is paused. The next delivery is tried ', ago(shown.pausedUntil), '. Until then all wait. ',
    shown.pauseReason && [h('a', { href: `#/deliveries/${shown.failedDeliveryId}` }, 'The last attempt'), `: ${shown.pauseReason}. `], shown.failingSince && ['No attempt has succeeded since ', time(shown.failingSince), '.']]);
}

function actions(shown, path, results, reload) {
  const operate = may('operate');
  const admin = may('admin');
  const ours = admin && shown.source === 'api';
  const ofFile = admin && shown.source === 'file';
  const act = (text, verb, done) => button(text, async () => {
    await post(`${path}/${verb}`);
    toast(done);
    await reload();
  }, { role: operate });
  return [
    button('Send a test', async () => {
      const result = await post(`${path}/test`);
      const section = testResult(result);
      refill(results, section);
      section.focus();
    }, { kind: 'primary', role: operate }),
    shown.enabled ? act('Disable', 'disable', 'Disabled: pending deliveries wait, and changes made from now on are not sent')
      : act('Enable', 'enable', 'Enabled'),
    shown.enabled && button('Resume', async () => {
      await post(`${path}/resume`);
      toast('Pending deliveries are tried now');
      await reload();
    }, { role: operate, title: 'Ends a pause, and tries pending deliveries at once' }),
    linkButton(`#/replays/new?webhookId=${shown.id}`, 'Replay'),
    admin && !ofFile && linkButton(`#/webhooks/${shown.id}/edit`, 'Edit'),
    ofFile && button('Release', async () => {
      if (await confirm(`Release ${webhookName(shown)} from its file?`, `It stays as it is, and can be changed here. ${shown.file} takes it back when it is applied the next time, unless its entry is gone.`, 'Release')) {
        await post(`${path}/release`);
        toast('Released: it can be changed here');
        await reload();
      }
    }),
    ours && button('Rotate secret', async () => {
      const made = await rotate(path);
      if (made) {
        shownOnceAt(shown.id, made.secret);
        made.secret === null && toast('Rotated: the receiver needs the new public key, shown below');
        await reload();
      }
    }),
    ours && button('Delete', async () => {
      if (await confirm(`Delete ${webhookName(shown)}?`, 'Its pending deliveries are cancelled, and it gets nothing more. This cannot be undone.', 'Delete')) {
        await call('DELETE', path);
        toast('Deleted');
        location.hash = '#/webhooks';
      }
    }, { kind: 'danger' }),
  ].filter(Boolean);
}
