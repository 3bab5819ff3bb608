/** How a webhook is doing, by its row of GET /rest/stats. */
import { secondsSince } from './format.js';

const LATE = 300;

/** The kind of its badge and the word on it. */
export function health(row) {
  if (!row.enabled) {
    return ['idle', 'disabled'];
  }
  if (row.failed > 0) {
    return row.delivered === 0 ? ['bad', 'failing'] : ['warn', 'partly failing'];
  }
  if (row.oldestPendingAt && secondsSince(row.oldestPendingAt) > LATE) {
    return ['warn', 'behind'];
  }
  return row.delivered > 0 ? ['ok', 'healthy'] : ['idle', 'quiet'];
}

const ORDER = ['failing', 'partly failing', 'behind', 'healthy', 'quiet', 'disabled'];

/** Those in trouble first; of equals the one with more dead letters, then with more pending, then with more failures. */
export function byTrouble(one, two) {
  return ORDER.indexOf(health(one)[1]) - ORDER.indexOf(health(two)[1])
    || two.deadLetters - one.deadLetters || two.pending - one.pending || two.failed - one.failed;
}
