/** Replays: past changes sent to a webhook again. */
import { listWebhooks } from '../api.js';
import { h } from '../dom.js';
import { count, time, webhookName } from '../format.js';
import { may } from '../session.js';
import { pages } from '../table.js';
import { empty, head, linkButton, state } from '../ui.js';

/** The names of the modes of a replay. */
export const MODES = { missing: 'Missing deliveries', failed: 'Failed deliveries', all: 'Every change' };

export const bar = (replay) => h('span', { class: 'progress' },
  h('progress', { max: '1', value: replay.progress, 'aria-label': `Progress of replay ${replay.id}` }),
  h('span', null, `${Math.floor(replay.progress * 100)} %`));

const columns = (byId) => [
  { name: 'Replay', cell: (row) => h('a', { class: 'strong', href: `#/replays/${row.id}` }, `no. ${row.id}`) },
  { name: 'State', cell: (row) => state(row.state) },
  { name: 'Progress', cell: bar },
  { name: 'Webhook', class: 'wide', cell: ({ webhookId }) => (byId.has(webhookId) ? webhookName(byId.get(webhookId)) : 'deleted') },
  { name: 'Mode', cell: (row) => MODES[row.mode] },
  { name: 'Changes since', class: 'when', cell: (row) => time(row.since) },
  { name: 'Before', class: 'when', cell: (row) => time(row.until) },
  { name: 'Owed', class: 'number', cell: (row) => count(row.owed) },
];

export async function replays(view) {
  const byId = new Map((await listWebhooks()).map((one) => [one.id, one]));
  const create = may('operate') && linkButton('#/replays/new', 'New replay', 'primary');
  let running = false;
  const list = pages(view, {
    path: '/rest/replays',
    label: 'Replays',
    columns: columns(byId),
    shown: (rows) => { running = rows.some((row) => row.state === 'running'); },
    none: () => empty('No replays yet', 'A replay sends past changes to a webhook again: those that it has missed, those that failed, or all of a time range. '
      + 'It counts them first, and runs beside new changes without delaying them.', create),
  });
  await list.load();
  view.every(2000, async () => running && list.load());
  return h('div', null, head('Replays', { actions: [create], below: 'Past changes, sent to a webhook again.' }), list.node);
}
