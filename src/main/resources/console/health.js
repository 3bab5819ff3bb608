/** How a webhook is doing. */
import { secondsSince } from './format.js';

const LATE = 300;

/**
 * The kind of its badge and the word on it.
 *
 * @param row of the webhook in GET /rest/stats
 * @param webhook undefined if it has just been deleted
 */
export function health(row, webhook) {
  if (!row.enabled) {
    return webhook?.disabledReason ? ['bad', 'disabled'] : ['idle', 'disabled'];
  }
  if (webhook?.shadow) {
    return ['warn', 'in shadow'];
  }
  if (webhook?.pausedUntil) {
    return ['bad', 'paused'];
  }
  if (row.failed > 0) {
    return row.delivered === 0 ? ['bad', 'failing'] : ['warn', 'partly failing'];
  }
  if (row.oldestPendingAt && secondsSince(row.oldestPendingAt) > LATE) {
    return ['warn', 'behind'];
  }
  return row.delivered > 0 ? ['ok', 'healthy'] : ['idle', 'quiet'];
}

const ORDER = ['paused', 'failing', 'partly failing', 'behind', 'healthy', 'quiet', 'in shadow', 'disabled'];

/**
 * Those in trouble first; of equals the one with more dead letters, then with more pending, then with more failures.
 *
 * @param webhooks by their ids
 */
export const byTrouble = (webhooks) => (one, two) => {
  const place = (row) => ORDER.indexOf(health(row, webhooks.get(row.webhookId))[1]);
  return place(one) - place(two) || two.deadLetters - one.deadLetters || two.pending - one.pending || two.failed - one.failed;
};
