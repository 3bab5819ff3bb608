/** All webhooks, with the last hour of each. */
import { get } from '../api.js';
import { h } from '../dom.js';
import { count, nature, webhookName } from '../format.js';
import { health } from '../health.js';
import { chips } from '../event-filter.js';
import { may } from '../session.js';
import { table } from '../table.js';
import { badge, empty, head, linkButton } from '../ui.js';

const COLUMNS = [
  { name: 'State', cell: (row) => badge(...health(row.stats, row)) },
  { name: 'Webhook', class: 'wide', cell: (row) => [
    h('a', { class: 'strong', href: `#/webhooks/${row.id}` }, webhookName(row)),
    row.description && h('span', { class: 'mono sub' }, row.targetUrl),
    nature(row) && h('span', { class: 'sub' }, nature(row))] },
  { name: 'Changes', class: 'wide', cell: (row) => chips(row.operations) },
  { name: 'Delivered', class: 'number', cell: ({ stats }) => count(stats.delivered) },
  { name: 'Failed', class: 'number', cell: ({ stats }) => count(stats.failed) },
];

const WORKSPACE = { name: 'Workspace', cell: (row) => row.workspace || '–' };

export async function webhooks(view) {
  const [all, stats] = await Promise.all([get('/rest/webhooks', {}, view.signal), get('/rest/stats', {}, view.signal)]);
  const byId = new Map(stats.webhooks.map((row) => [row.webhookId, row]));
  const quiet = ({ enabled }) => ({ enabled, delivered: 0, failed: 0 });
  const rows = all.map((row) => ({ ...row, stats: byId.get(row.id) ?? quiet(row) }));
  const create = may('admin') && linkButton('#/webhooks/new', 'New webhook', 'primary');
  const columns = rows.some(({ workspace }) => workspace) ? [...COLUMNS.slice(0, 3), WORKSPACE, ...COLUMNS.slice(3)] : COLUMNS;
  return h('div', null, head('Webhooks', { actions: [create], below: 'Delivered and failed count the last hour.' }),
    h('section', { class: 'card flush' }, rows.length > 0 ? table('Webhooks', columns, rows)
      : empty('No webhooks yet', 'A webhook is a URL that gets a signed request for each change that it asks for. It is served as soon as it is saved.',
        create)));
}
