/** The columns of lists of deliveries. */
import { h } from './dom.js';
import { ago, duration, time, webhookName } from './format.js';
import { state } from './ui.js';

/** "HTTP 503" says it all; what has no status has its error in words. */
function outcome({ attemptedAt, error, status, durationMs }) {
  if (!attemptedAt) {
    return '–';
  }
  return status === null ? h('span', { class: 'failed cut', title: error }, error)
    : [h('span', { class: error && 'failed', title: error }, `HTTP ${status}`), h('span', { class: 'muted' }, ` · ${duration(durationMs)}`)];
}

export const STATE = { name: 'State', cell: (row) => state(row.state) };
export const EVENT = { name: 'Event', cell: (row) => h('a', { class: 'strong', href: `#/deliveries/${row.id}` }, row.event ?? '(none)') };
export const RECORD = { name: 'Record', class: 'record', cell: (row) => h('span', { class: 'mono cut', title: row.recordId }, row.recordId ?? '–') };
export const CHANGED = { name: 'Changed', class: 'when', cell: (row) => time(row.occurredAt) };
export const ATTEMPTS = { name: 'Attempts', class: 'number', cell: (row) => row.attemptCount };
export const OUTCOME = { name: 'Last outcome', class: 'outcome', cell: outcome };
export const NEXT = { name: 'Next attempt', class: 'number', cell: (row) => (row.state !== 'pending' ? '–' : !row.dueAt ? 'in order' : new Date(row.dueAt) > new Date() ? ago(row.dueAt) : 'due') };

/** @param byId webhooks, of which deleted ones are missing */
export const WEBHOOK = (byId) => ({ name: 'Webhook', class: 'wide', cell: ({ webhookId }) => h('a', { class: 'cut', href: `#/webhooks/${webhookId}` },
  byId.has(webhookId) ? webhookName(byId.get(webhookId)) : `deleted, ${webhookId.slice(0, 8)}`) });
