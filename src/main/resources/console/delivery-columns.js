/** The columns of lists of deliveries. */
import { h } from './dom.js';
import { ago, duration, isAhead, time, webhookName } from './format.js';
import { state } from './ui.js';

/** "HTTP 503" says it all; an attempt without a status has its error in words. */
function outcome({ attemptedAt, error, status, durationMs }) {
  if (!attemptedAt) {
    return '–';
  }
  return status === null ? h('span', { class: 'failed cut', title: error }, error)
    : [h('span', { class: error && 'failed', title: error }, `HTTP ${status}`), h('span', { class: 'muted' }, ` · ${duration(durationMs)}`)];
}

export const STATE = { name: 'State', cell: (row) => state(row.state) };
/** With the record below, so that all columns have room. */
export const EVENT = { name: 'Event', class: 'event', cell: (row) => [h('a', { class: 'strong', href: `#/deliveries/${row.id}` }, row.event ?? '(none)'),
  h('span', { class: 'sub mono cut', title: row.recordId }, row.recordId ?? '–')] };
export const CHANGED = { name: 'Changed', class: 'when', cell: (row) => time(row.occurredAt) };
export const ATTEMPTS = { name: 'Attempts', class: 'number', cell: (row) => row.attemptCount };
export const OUTCOME = { name: 'Last outcome', class: 'outcome', cell: outcome };

/** @param webhook finds that of a row; undefined for a deleted one */
export const NEXT = (webhook) => ({ name: 'Next attempt', class: 'number', cell: (row) => {
  if (row.state !== 'pending') {
    return '–';
  }
  const at = webhook(row);
  return !row.dueAt ? 'in order' : isAhead(row.dueAt) ? ago(row.dueAt) : at?.pausedUntil ? 'paused' : at?.enabled === false ? 'disabled' : 'due';
} });

/** @param byId webhooks, without the deleted ones */
export const WEBHOOK = (byId) => ({ name: 'Webhook', class: 'webhook', cell: ({ webhookId }) => h('a', { class: 'cut', href: `#/webhooks/${webhookId}` },
  byId.has(webhookId) ? webhookName(byId.get(webhookId)) : `deleted, ${webhookId.slice(0, 8)}`) });
