/** The lists of deliveries: their columns, and which list has which. */
import { h } from './dom.js';
import { ago, duration, isAhead, time, webhookName } from './format.js';
import { state } from './ui.js';

/** "HTTP 503" says it all; an attempt without a status has its error in words, and so has a delivery that is not attempted. */
function outcome({ attemptedAt, error, status, durationMs }) {
  if (!attemptedAt) {
    return error ? h('span', { class: 'muted cut', title: error }, error) : '–';
  }
  return status === null ? h('span', { class: 'failed cut', title: error }, error)
    : [h('span', { class: error && 'failed', title: error }, `HTTP ${status}`), h('span', { class: 'muted' }, ` · ${duration(durationMs)}`)];
}

const STATE = { name: 'State', cell: (row) => state(row.state) };
/** With the record below, so that all columns have room. */
const EVENT = { name: 'Event', class: 'event', cell: (row) => [h('a', { class: 'strong', href: `#/deliveries/${row.id}` }, row.event ?? '(none)'),
  h('span', { class: 'sub mono cut', title: row.recordId }, row.recordId ?? '–')] };
const CHANGED = { name: 'Changed', class: 'when', cell: (row) => time(row.occurredAt) };
const ATTEMPTS = { name: 'Attempts', class: 'number', cell: (row) => row.attemptCount };
const OUTCOME = { name: 'Last outcome', class: 'outcome', cell: outcome };

/** @param webhook finds that of a row; undefined for a deleted one */
const NEXT = (webhook) => ({ name: 'Next attempt', class: 'number', cell: (row) => {
  if (row.state !== 'pending') {
    return '–';
  }
  const at = webhook(row);
  return !row.dueAt ? 'in order' : isAhead(row.dueAt) ? ago(row.dueAt) : at?.pausedUntil ? 'paused' : at?.enabled === false ? 'disabled' : 'due';
} });

/** @param byId webhooks, without the deleted ones */
const WEBHOOK = (byId) => ({ name: 'Webhook', class: 'webhook', cell: ({ webhookId }) => h('a', { class: 'cut', href: `#/webhooks/${webhookId}` },
  byId.has(webhookId) ? webhookName(byId.get(webhookId)) : `deleted, ${webhookId.slice(0, 8)}`) });

/** The columns of all deliveries. */
export const ofAll = (byId) => [STATE, EVENT, WEBHOOK(byId), CHANGED, ATTEMPTS, OUTCOME, NEXT(({ webhookId }) => byId.get(webhookId))];

/** @param choose the column to choose rows by */
export const ofDead = (byId, choose) => [choose, EVENT, WEBHOOK(byId), CHANGED, ATTEMPTS, OUTCOME];

/** @param webhook returns the webhook as it is now */
export const ofWebhook = (webhook) => [STATE, EVENT, CHANGED, ATTEMPTS, OUTCOME, NEXT(webhook)];
